-- The accesses of a case by their identity, and by the writing machine's own count where it keeps one.
SELECT source, seq, node, node_seq
FROM scope_access
ORDER BY source, seq
