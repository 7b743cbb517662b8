-- Who could stand on a page that nobody saw: third persons on the fullest page, and all of them.
WITH page AS (
    SELECT subject, count(DISTINCT person) AS persons
    FROM scope_exposed
    WHERE person <> subject
    GROUP BY subject
)

SELECT
    (SELECT coalesce(max(persons), 0) FROM page)::BIGINT AS fullest,
    (SELECT count(DISTINCT person) FROM scope_exposed)::BIGINT AS persons
