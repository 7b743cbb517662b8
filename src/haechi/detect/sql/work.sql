-- What accounts at work did without a reason that is on record, in the workspace's own time.
--   asked: whose data it was    told: how many people's, where the record tells only that
--   shown: it was answered (a mistyped number shows nobody)
--   thing: what was opened, as exactly as the record tells
CREATE OR REPLACE TEMP TABLE work AS
SELECT
    a.source, a.seq, a.time, l.local AS hour, l.local::DATE AS day, a.actor, w.team, a.action, a.client_ip, a.client, a.host,
    a.route, a.credential, a.bytes, nullif(a.fields, '') IS NOT NULL AS personal,
    coalesce(a.status, 0) < 400 AND a.outcome IS DISTINCT FROM 'failure' AS shown,
    CASE WHEN a.subject IS DISTINCT FROM a.actor THEN a.subject END AS asked,
    a.subjects AS told,
    coalesce(a.path, concat_ws(' ', a.host, a.route, a.subject)) AS thing
FROM access AS a
JOIN worker AS w USING (actor)
JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq;
