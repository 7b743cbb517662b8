-- The accesses of a case by their identity, and by the writing machine's own count where it keeps one.
SELECT a.source, a.seq, a.node, a.node_seq
FROM access AS a
SEMI JOIN (
    SELECT source, seq
    FROM flag
    WHERE finding IN (SELECT finding FROM scope_finding)
) AS f ON a.source = f.source AND a.seq = f.seq
ORDER BY a.source, a.seq
