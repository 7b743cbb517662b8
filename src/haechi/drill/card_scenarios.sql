-- Of each scenario: the persons shown, and those that no case names rightly.
-- In: true_person (truth, with the scenarios that showed each); found_person (one row a case and person).
WITH claimed AS (
    SELECT DISTINCT person, kind = 'non_member' AS outside FROM found_person
)

, shown AS (
    SELECT unnest(scenarios) AS scenario, person, kind = 'non_member' AS outside FROM true_person
)

SELECT
    s.scenario
    , count(*) AS persons
    , count(*) FILTER (c.person IS NULL) AS missed
FROM shown AS s
LEFT JOIN claimed AS c ON s.person = c.person AND s.outside = c.outside
GROUP BY s.scenario
ORDER BY s.scenario
