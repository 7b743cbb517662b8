-- Requests for one person's page that were let in and have no reason on record, with the number that the person goes by.
--   actor: the account, where it is at work    day: the local one    number: NULL where the person's name ends in none
CREATE OR REPLACE TEMP VIEW numbered_request AS
SELECT
    a.source, a.seq, a.time, l.local::DATE AS day, a.client_ip, a.client, w.actor,
    asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS asked,
    try_cast(regexp_extract(asked, '(\d{1,18})\D*$', 1) AS BIGINT) AS number
FROM access AS a
JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
LEFT JOIN worker AS w ON w.actor = a.actor
ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq
WHERE nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
    AND (a.subject IS NOT NULL OR a.actor_kind = 'member');
