-- What one address did with one client in one hour, UTC. Accounts at work are left out.
--   requests: all    shown, told: those let in to pages with personal data of a person or of some; the most persons of one
--   personal: requests for pages with personal data that were let in    other: everything else that was asked for
--   logins:   of these, tries to log in       failed: tries that were turned away
--   someone_first, someone_last: whose data it was, by name; the same where it was one person's alone
CREATE OR REPLACE TEMP TABLE visit_hour AS
WITH request AS (
    SELECT
        client_ip,
        client,
        date_trunc('hour', time) AS hour,
        subjects,
        CASE WHEN nullif(fields, '') IS NOT NULL THEN asked_subject(subject, subjects, actor, actor_kind, fields) END AS asked,
        nullif(fields, '') IS NOT NULL AS personal,
        subject IS NOT NULL OR subjects > 0 AS names,
        coalesce(status IN (401, 403), false) AS refused,
        coalesce(action = 'login', false) AS login,
        coalesce(status >= 400, false) OR coalesce(outcome = 'failure', false) AS failed
    FROM access
    WHERE time IS NOT NULL AND (client_ip IS NOT NULL OR client IS NOT NULL)
        AND (actor IS NULL OR actor NOT IN (SELECT w.actor FROM worker AS w))
)
SELECT
    client_ip,
    client,
    hour,
    count(*) AS requests,
    count(*) FILTER (personal AND NOT refused AND names) AS shown,
    max(subjects) FILTER (personal AND NOT refused AND names) AS told,
    count(*) FILTER (personal AND NOT refused AND asked IS NOT NULL) AS personal,
    count(*) FILTER (NOT personal) AS other,
    count(*) FILTER (login) AS logins,
    count(*) FILTER (login AND failed) AS failed,
    min(asked) FILTER (personal AND NOT refused) AS someone_first,
    max(asked) FILTER (personal AND NOT refused) AS someone_last
FROM request
GROUP BY client_ip, client, hour;
