-- The same where findings flag by the million (detect/queries/flag_block_tables.sql): bits all through.
CREATE OR REPLACE TEMP TABLE scope_block AS
SELECT source, block, bit_or(bits) AS bits
FROM (
    SELECT source, block, bits
    FROM flagged_block
    WHERE finding IN (SELECT finding FROM scope_finding)
    UNION ALL
    SELECT source, seq // 8192, bitstring_agg((seq % 8192)::INTEGER, 0, 8191)
    FROM flagged_row
    WHERE finding IN (SELECT finding FROM scope_finding)
    GROUP BY source, seq // 8192
)
GROUP BY source, block;

CREATE OR REPLACE TEMP TABLE scope_stretch AS
SELECT source, min(block) * 8192 AS low, max(block) * 8192 + 8191 AS high, sum(bit_count(bits))::BIGINT AS flags
FROM scope_block
GROUP BY source, block // 1024;

CREATE OR REPLACE TEMP VIEW scope_access AS
SELECT a.*
FROM access AS a
SEMI JOIN scope_block AS b
    ON b.source = a.source AND b.block = a.seq // 8192 AND get_bit(b.bits, (a.seq % 8192)::INTEGER) = 1;
