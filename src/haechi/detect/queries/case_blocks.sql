-- The same where findings flag by the million (flag_block_tables.sql): cases with such a finding are bits as a whole.
CREATE OR REPLACE TEMP TABLE case_block AS
WITH large AS (
    SELECT DISTINCT case_no FROM case_finding WHERE finding IN (SELECT finding FROM flagged_block)
),
block AS (
    SELECT finding, source, block, bits FROM flagged_block
    UNION ALL
    SELECT finding, source, seq // 8192, bitstring_agg((seq % 8192)::INTEGER, 0, 8191)
    FROM flagged_row
    WHERE finding IN (SELECT finding FROM case_finding WHERE case_no IN (SELECT case_no FROM large))
    GROUP BY finding, source, seq // 8192
)
SELECT
    c.case_no, b.source, b.block, bit_or(b.bits) AS bits,
    bit_or(b.bits) FILTER (c.claimed) AS claimed, bit_or(b.bits) FILTER (c.strong) AS strong
FROM block AS b
JOIN case_finding AS c USING (finding)
WHERE c.case_no IN (SELECT case_no FROM large)
GROUP BY c.case_no, b.source, b.block;

CREATE OR REPLACE TEMP TABLE case_row AS
SELECT c.case_no, f.source, f.seq, bool_or(c.claimed) AS claimed, bool_or(c.strong) AS strong
FROM flagged_row AS f
JOIN case_finding AS c USING (finding)
WHERE c.case_no NOT IN (SELECT case_no FROM case_block)
GROUP BY c.case_no, f.source, f.seq;

CREATE OR REPLACE TEMP TABLE case_size AS
SELECT case_no, count(*) AS accesses FROM case_row GROUP BY case_no
UNION ALL
SELECT case_no, sum(bit_count(bits))::BIGINT FROM case_block GROUP BY case_no;

CREATE OR REPLACE TEMP VIEW case_access AS
SELECT c.case_no, c.claimed, c.strong, a.*
FROM access AS a
JOIN case_row AS c ON c.source = a.source AND c.seq = a.seq
UNION ALL
SELECT
    c.case_no,
    coalesce(get_bit(c.claimed, (a.seq % 8192)::INTEGER) = 1, FALSE),
    coalesce(get_bit(c.strong, (a.seq % 8192)::INTEGER) = 1, FALSE),
    a.*
FROM access AS a
JOIN case_block AS c
    ON c.source = a.source AND c.block = a.seq // 8192 AND get_bit(c.bits, (a.seq % 8192)::INTEGER) = 1;
