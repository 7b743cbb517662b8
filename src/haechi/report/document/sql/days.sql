-- Every day of the month, the empty ones too.
WITH calendar AS (
    SELECT unnest(range(DATE '{day}', DATE '{day}' + INTERVAL 1 MONTH, INTERVAL 1 DAY))::DATE AS day
),
counted AS (
    SELECT day, sum(requests)::BIGINT AS requests, sum(requests) FILTER (shown)::BIGINT AS shown
    FROM report_part
    GROUP BY day
),
seen AS (
    SELECT c.day, sum(p.persons)::BIGINT AS persons
    FROM calendar AS c
    JOIN report_people AS p ON (p.days >> (day(c.day) - 1)::UINTEGER) & 1 = 1
    GROUP BY c.day
),
flagged AS (SELECT day, sum(shown)::BIGINT AS flagged FROM report_flag GROUP BY day)
SELECT
    c.day,
    coalesce(n.requests, 0),
    coalesce(n.shown, 0),
    coalesce(p.persons, 0),
    coalesce(f.flagged, 0)
FROM calendar AS c
LEFT JOIN counted AS n ON n.day = c.day
LEFT JOIN seen AS p ON p.day = c.day
LEFT JOIN flagged AS f ON f.day = c.day
ORDER BY c.day
