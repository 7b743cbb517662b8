-- Where a node's gap-free count jumps, records are known to be missing between two times. Only nodes whose span and
-- number of records disagree are sorted: on a whole log this costs one aggregate.
CREATE OR REPLACE TEMP TABLE issuance_hole AS
WITH counted AS (
    SELECT issuer, coalesce(node, '') AS node, node_seq, time
    FROM issued WHERE node_seq IS NOT NULL AND time IS NOT NULL
),
gappy AS (
    SELECT issuer, node FROM counted GROUP BY ALL HAVING max(node_seq) - min(node_seq) + 1 <> count(*)
),
ordered AS (
    SELECT *, lag(node_seq) OVER by_count AS seq_before, lag(time) OVER by_count AS time_before
    FROM counted SEMI JOIN gappy USING (issuer, node)
    WINDOW by_count AS (PARTITION BY issuer, node ORDER BY node_seq, time)
)
SELECT
    issuer, node, least(time, time_before) AS first, greatest(time, time_before) AS last,
    node_seq - seq_before - 1 AS missing
FROM ordered
WHERE node_seq > seq_before + 1;
