-- What one address did with one client on one local day: a visit, or the visits of those who share both. Accounts at
-- work are left out.
--   personal: requests for pages with personal data that were let in    other: everything else that was asked for
--   logins:   of these, tries to log in       failed: tries that were turned away
--   someone_first, someone_last: whose data it was, by name; the same where it was one person's alone
CREATE OR REPLACE TEMP TABLE visit AS
WITH request AS (
    SELECT
        a.client_ip,
        a.client,
        l.local::DATE AS day,
        asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS asked,
        nullif(a.fields, '') IS NOT NULL AS personal,
        coalesce(a.status IN (401, 403), false) AS refused,
        coalesce(a.action = 'login', false) AS login,
        coalesce(a.status >= 400, false) OR coalesce(a.outcome = 'failure', false) AS failed
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE (a.client_ip IS NOT NULL OR a.client IS NOT NULL) AND (a.actor IS NULL OR a.actor NOT IN (SELECT w.actor FROM worker AS w))
)
SELECT
    client_ip,
    client,
    day,
    count(*) FILTER (personal AND NOT refused AND asked IS NOT NULL) AS personal,
    count(*) FILTER (NOT personal) AS other,
    count(*) FILTER (login) AS logins,
    count(*) FILTER (login AND failed) AS failed,
    min(asked) FILTER (personal AND NOT refused) AS someone_first,
    max(asked) FILTER (personal AND NOT refused) AS someone_last
FROM request
GROUP BY client_ip, client, day;
