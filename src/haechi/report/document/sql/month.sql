-- The month's accesses, narrowed to what a report counts.
--   subject: whose data was asked for, as the rules and scope see it (detect/sql/asked_subject.sql)
--   shown:   personal data was shown: the page is known to have some, and the answer was no refusal. A record that does
--            not tell counts as shown unless it sent nothing, as in scope
--   refused: the record says that it failed
--   local:   the time in the workspace's zone, as if it were UTC
CREATE OR REPLACE TEMP VIEW report_access AS
SELECT
    source, seq, time, time + {offset} AS local, actor, actor_kind, credential, key, client_ip, client, route, action, fields,
    bytes, subjects,
    asked_subject(subject, subjects, actor, actor_kind, fields) AS subject,
    nullif(fields, '') IS NOT NULL AND coalesce(outcome = 'success', coalesce(bytes, 1) <> 0) AS shown,
    coalesce(outcome = 'failure', false) AS refused
FROM access
WHERE time >= TIMESTAMP '{first}' AND time < TIMESTAMP '{last}'
