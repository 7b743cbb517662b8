-- The accesses that an accepted answer explains, one row for each account, person and page: `place` is registered.
-- Where a record names nobody, the row names nobody either, and counts for the time of the access alone.
SELECT
    a.actor,
    a.subject,
    a.route,
    min(a.time) AS first,
    max(a.time) AS last
FROM access AS a
SEMI JOIN place AS p ON p.source = a.source AND p.seq = a.seq
WHERE a.actor IS NOT NULL AND a.time IS NOT NULL
GROUP BY a.actor, a.subject, a.route, CASE WHEN a.subject IS NULL THEN a.time END
ORDER BY ALL;
