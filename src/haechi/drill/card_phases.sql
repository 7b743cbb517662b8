-- Of each phase: its bad requests, those that no case holds, and when it was first seen.
-- In: true_request (truth); found_request (one row a case and request).
WITH claimed AS (
    SELECT DISTINCT node, node_seq FROM found_request
)

SELECT
    t.scenario
    , t.phase
    , count(*) AS requests
    , count(*) FILTER (c.node IS NULL) AS missed
    , epoch_us(min(t.time)) AS first_us
    , epoch_us(min(t.time) FILTER (c.node IS NOT NULL)) AS found_us
FROM true_request AS t
LEFT JOIN claimed AS c ON t.node = c.node AND t.node_seq = c.node_seq
GROUP BY t.scenario, t.phase
ORDER BY first_us, t.phase
