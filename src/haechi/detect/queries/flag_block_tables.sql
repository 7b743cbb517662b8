-- Findings that flag accesses by the million: a bit for each record of a block of 8,192, in place of rows. 226 million
-- of 452 million records take 56 MB so, and whether a record is flagged needs no join by its number.
CREATE TEMP TABLE IF NOT EXISTS flagged_block (finding INTEGER, source VARCHAR, block BIGINT, bits BIT);

CREATE OR REPLACE TEMP VIEW flagged AS
SELECT finding, source, seq FROM flagged_row
UNION ALL
SELECT b.finding, b.source, b.block * 8192 + p.place
FROM flagged_block AS b
JOIN range(8192) AS p (place) ON get_bit(b.bits, p.place::INTEGER) = 1;

CREATE OR REPLACE TEMP VIEW flagged_access AS
SELECT f.finding, a.*
FROM access AS a
JOIN flagged_row AS f ON f.source = a.source AND f.seq = a.seq
UNION ALL
SELECT b.finding, a.*
FROM access AS a
JOIN flagged_block AS b
    ON b.source = a.source AND b.block = a.seq // 8192 AND get_bit(b.bits, (a.seq % 8192)::INTEGER) = 1;

CREATE OR REPLACE TEMP VIEW flag AS
SELECT f.finding::BIGINT AS finding, b.rule, b.entity_kind, b.entity, f.source, f.seq
FROM flagged AS f
JOIN flagged_by AS b USING (finding);
