-- Stretches of a node's own count that no record carries: the number before, the number after, and how many between.
-- `peak` is the most that the node wrote in a beat, to tell a lost stretch from a count that was set anew.
CREATE OR REPLACE TEMP TABLE coverage_gap AS
WITH there AS (
    SELECT source, node, run, block * 60 AS low, block * 60 + 59 AS high, first, last
    FROM coverage_block
    WHERE present = (1::BIGINT << 60) - 1
    UNION ALL
    SELECT source, node, run, block * 60 + bit, block * 60 + bit, first, last
    FROM (
        SELECT *, unnest(range(60)) AS bit
        FROM coverage_block
        WHERE present <> (1::BIGINT << 60) - 1
    ) AS b
    WHERE (present >> bit::INTEGER) & 1 = 1
),

followed AS (
    SELECT
        source,
        node,
        run,
        high AS before,
        lead(low) OVER later AS after,
        first,
        lead(last) OVER later AS last
    FROM there
    WINDOW later AS (PARTITION BY source, node, run ORDER BY low)
),

peak AS (
    SELECT source, node, max(numbered) AS peak
    FROM coverage_pulse
    GROUP BY source, node
)

SELECT f.*, f.after - f.before - 1 AS missing, p.peak
FROM followed AS f
INNER JOIN peak AS p ON f.source = p.source AND f.node = p.node
WHERE f.after > f.before + 1
