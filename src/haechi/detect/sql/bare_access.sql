-- Accesses of visits that showed personal pages and nothing else: of each one's own person, not refused. `day` is local.
CREATE OR REPLACE TEMP TABLE bare_access AS
SELECT s.source, s.seq, s.day, s.client, s.client_ip, s.key, s.asked
FROM (
    SELECT
        a.source, a.seq, l.local::DATE AS day, a.client, a.client_ip, a.key,
        asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS asked
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
        AND (a.actor IS NULL OR a.actor NOT IN (SELECT w.actor FROM worker AS w))
) AS s
-- NULL is a value here: a log without clients has one visit an address and day.
SEMI JOIN (SELECT client_ip, client, day FROM every_visit WHERE other = 0) AS v
    ON coalesce(v.client_ip, '') = coalesce(s.client_ip, '') AND coalesce(v.client, '') = coalesce(s.client, '')
    AND v.day = s.day
WHERE s.asked IS NOT NULL;
