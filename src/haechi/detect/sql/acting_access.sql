-- Accesses of accounts that are at work, or that hold a reason: all that rules about work read, found once.
--   hour:    the local one, NULL where the record tells no time     day: the local one
--   at_work: the account is in `worker`, with this team
CREATE OR REPLACE TEMP TABLE acting_access AS
WITH acting AS (
    SELECT actor, team, true AS at_work FROM worker
    UNION ALL
    SELECT actor, NULL, false
    FROM (SELECT DISTINCT h.actor FROM reason_holder AS h WHERE h.actor IS NOT NULL) AS h
    ANTI JOIN worker USING (actor)
),
found AS (
    SELECT
        a.source, a.seq, a.time, a.actor, a.actor_kind, a.action, a.client_ip, a.client, a.host, a.path, a.route,
        a.credential, a.subject, a.subjects, a.fields, a.bytes, a.status, a.outcome, w.team, w.at_work
    FROM access AS a
    JOIN acting AS w ON w.actor = a.actor
    UNION ALL
    -- Work that waits for whoever is free may be done by an account that is in neither list.
    SELECT
        a.source, a.seq, a.time, a.actor, a.actor_kind, a.action, a.client_ip, a.client, a.host, a.path, a.route,
        a.credential, a.subject, a.subjects, a.fields, a.bytes, a.status, a.outcome, NULL, false
    FROM access AS a
    SEMI JOIN (SELECT DISTINCT h.subject FROM reason_holder AS h WHERE h.actor IS NULL) AS s ON s.subject = a.subject
    ANTI JOIN acting AS w ON w.actor = a.actor
    WHERE a.actor <> a.subject AND a.actor_kind IS DISTINCT FROM 'member'
)
SELECT f.*, l.local AS hour, l.local::DATE AS day
FROM found AS f
LEFT JOIN local_hour AS l ON l.hour = date_trunc('hour', f.time);
