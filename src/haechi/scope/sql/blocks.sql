-- Which of a node's own numbers are there: 60 to a row, one bit each. Exact in any order, and nothing is sorted.
CREATE OR REPLACE TEMP TABLE coverage_block AS
SELECT
    a.source,
    coalesce(a.node, '') AS node,
    CASE WHEN a.node_seq > r.split THEN r.run - 1 ELSE coalesce(r.run, 0) END AS run,
    a.node_seq // 60 AS block,
    count(*) AS records,
    bit_or(1::BIGINT << (a.node_seq % 60)::INTEGER) AS present,
    min(a.time) AS first,
    max(a.time) AS last
FROM {table} AS a
LEFT JOIN coverage_run AS r
    ON a.source = r.source AND coalesce(a.node, '') = r.node AND epoch_us(a.time) // $width = r.beat
WHERE a.node_seq >= 0
GROUP BY ALL
