-- The different persons that each of some entities was shown, in two levels.
SELECT entity, count(*) AS persons
FROM (
    SELECT {column} AS entity, subject, subject_2
    FROM report_seen
    WHERE shown AND subject IS NOT NULL AND {column} IN (SELECT entity FROM {candidate})
    GROUP BY ALL
)
GROUP BY entity
