-- Cases of which under half of the requests are bad. A case without a request accuses nobody's request: false.
WITH told AS (
    SELECT DISTINCT case_id, node, node_seq FROM found_request
)

, judged AS (
    SELECT told.case_id, count(*) AS requests, count(t.node) AS bad
    FROM told
    LEFT JOIN true_request AS t ON told.node = t.node AND told.node_seq = t.node_seq
    GROUP BY told.case_id
)

SELECT count(*) AS false_cases
FROM found_case
LEFT JOIN judged USING (case_id)
WHERE coalesce(judged.requests, 0) = 0 OR judged.bad * 2 < judged.requests
