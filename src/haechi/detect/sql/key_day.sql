-- How often a key that bare visits bear was used for a person's pages on a day, and how often by bare visits. An inspection
-- of some days takes it from carried state.
CREATE OR REPLACE TEMP TABLE key_day AS
SELECT n.key, n.day, n.requests, coalesce(b.bare, 0) AS bare
FROM (
    SELECT a.key, l.local::DATE AS day, count(*) AS requests
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE a.key IN (SELECT x.key FROM bare_access AS x)
        AND nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
        AND (a.actor IS NULL OR a.actor NOT IN (SELECT w.actor FROM worker AS w))
        AND asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) IS NOT NULL
    GROUP BY a.key, l.local::DATE
) AS n
LEFT JOIN (SELECT key, day, count(*) AS bare FROM bare_access WHERE key IS NOT NULL GROUP BY key, day) AS b USING (key, day);
