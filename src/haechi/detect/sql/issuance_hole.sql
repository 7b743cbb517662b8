-- Where a node's gap-free count jumps, records are known to be missing between two times. Only nodes whose span and
-- number of records disagree are sorted: on a whole log this costs one aggregate.
-- A node that begins with the log under way, and not with 1, has lost its first records; unless it counts far more than
-- were ever seen of it: then it is older than the log.
CREATE OR REPLACE TEMP TABLE issuance_hole AS
WITH counted AS (
    SELECT issuer, coalesce(node, '') AS node, node_seq, time
    FROM issued WHERE node_seq IS NOT NULL AND time IS NOT NULL
),
node_span AS (
    SELECT
        issuer, node, min(node_seq) AS lowest, max(node_seq) AS highest, count(*) AS records,
        min(time) AS first
    FROM counted GROUP BY ALL
),
ordered AS (
    SELECT *, lag(node_seq) OVER by_count AS seq_before, lag(time) OVER by_count AS time_before
    FROM counted SEMI JOIN (FROM node_span WHERE highest - lowest + 1 <> records) USING (issuer, node)
    WINDOW by_count AS (PARTITION BY issuer, node ORDER BY node_seq, time)
)
SELECT
    issuer, node, least(time, time_before) AS first, greatest(time, time_before) AS last,
    node_seq - seq_before - 1 AS missing
FROM ordered
WHERE node_seq > seq_before + 1
UNION ALL
SELECT n.issuer, n.node, s.first, n.first, n.lowest - 1
FROM node_span AS n JOIN issuer_span AS s USING (issuer)
WHERE n.lowest > 1 AND n.lowest - 1 <= n.records AND n.first >= s.first;
