-- Of each case: its requests and persons, how many are true, and of which scenarios.
-- In: found_case, found_request, found_person; true_request, true_person (truth).
WITH request AS (
    SELECT
        f.case_id
        , count(*) AS requests
        , count(t.node) AS bad
        , list(DISTINCT t.scenario ORDER BY t.scenario) FILTER (t.scenario IS NOT NULL) AS scenarios
    FROM found_request AS f
    LEFT JOIN true_request AS t ON f.node = t.node AND f.node_seq = t.node_seq
    GROUP BY f.case_id
)

, person AS (
    SELECT f.case_id, count(*) AS persons, count(t.person) AS true_persons
    FROM found_person AS f
    LEFT JOIN true_person AS t
        ON f.person = t.person AND (f.kind = 'non_member') = (t.kind = 'non_member')
    GROUP BY f.case_id
)

SELECT
    c.case_id
    , coalesce(r.requests, 0) AS requests
    , coalesce(r.bad, 0) AS bad
    , coalesce(p.persons, 0) AS persons
    , coalesce(p.true_persons, 0) AS true_persons
    , coalesce(r.scenarios, []::VARCHAR[]) AS scenarios
FROM found_case AS c
LEFT JOIN request AS r ON r.case_id = c.case_id
LEFT JOIN person AS p ON p.case_id = c.case_id
ORDER BY c.case_id
