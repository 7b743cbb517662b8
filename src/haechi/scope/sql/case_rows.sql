-- The accesses of a case, each once however many findings flag it.
CREATE OR REPLACE TEMP TABLE scope_row AS
SELECT DISTINCT source, seq
FROM flag
WHERE finding IN (SELECT finding FROM scope_finding);

CREATE OR REPLACE TEMP TABLE scope_stretch AS
SELECT source, min(seq) AS low, max(seq) AS high, count(*) AS flags
FROM scope_row
GROUP BY source, seq // 8388608;

CREATE OR REPLACE TEMP VIEW scope_access AS
SELECT a.*
FROM access AS a
SEMI JOIN scope_row AS r ON r.source = a.source AND r.seq = a.seq;
