-- The one pass over a table's times: how many records each source and node wrote in each beat (a minute, as a rule).
-- A record whose clock cannot be right has no beat; it is counted all the same. {table} is access or issuance.
CREATE OR REPLACE TEMP TABLE coverage_pulse AS
SELECT
    source,
    coalesce(node, '') AS node,
    CASE WHEN time BETWEEN $earliest AND $latest THEN epoch_us(time) // $width END AS beat,
    count(*) AS records,
    count(*) - count(time) AS timeless,
    min(time) AS first,
    max(time) AS last,
    count(node_seq) AS numbered,
    min(node_seq) AS low,
    max(node_seq) AS high
FROM {table}
GROUP BY ALL
