-- Accesses of accounts that are at work, or that may have a reason: all that rules about work read, found once.
--   hour:    the local one, NULL where the record tells no time     day: the local one
--   at_work: the account is in `worker`, with this team
CREATE OR REPLACE TEMP TABLE acting_access AS
WITH holding AS (
    SELECT actor FROM reason_holder WHERE actor IS NOT NULL
    UNION
    -- Work that waits for whoever is free may be done by an account that is in no list.
    SELECT a.actor
    FROM access AS a
    SEMI JOIN (SELECT DISTINCT subject FROM reason_holder WHERE actor IS NULL) AS s ON s.subject = a.subject
    WHERE a.actor <> a.subject AND a.actor_kind IS DISTINCT FROM 'member'
),
acting AS (
    SELECT actor, team, true AS at_work FROM worker
    UNION ALL
    SELECT h.actor, NULL, false FROM holding AS h ANTI JOIN worker AS w ON w.actor = h.actor
)
SELECT
    a.source, a.seq, a.time, l.local AS hour, l.local::DATE AS day, a.actor, a.actor_kind, w.team, w.at_work, a.action,
    a.client_ip, a.client, a.host, a.path, a.route, a.credential, a.subject, a.subjects, a.fields, a.bytes, a.status,
    a.outcome
FROM access AS a
JOIN acting AS w ON w.actor = a.actor
LEFT JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time);
