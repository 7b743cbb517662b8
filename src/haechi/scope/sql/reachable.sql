-- Who could stand on a page that nobody saw: third persons on the fullest page; and everybody whom a page could show.
WITH page AS (
    SELECT subject, count(DISTINCT person) AS persons
    FROM scope_exposed
    WHERE person <> subject
    GROUP BY subject
),

everybody AS (
    SELECT subject AS person FROM subject
    UNION
    SELECT person FROM scope_exposed
)

SELECT
    (SELECT coalesce(max(persons), 0) FROM page)::BIGINT AS fullest,
    (SELECT count(*) FROM everybody)::BIGINT AS persons
