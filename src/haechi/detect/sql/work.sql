-- What accounts at work did without a reason that is on record, in the workspace's own time.
--   asked: whose data it was    told: how many people's, where the record tells only that
--   shown: it was answered (a mistyped number shows nobody)
--   thing: what was opened, as exactly as the record tells
CREATE OR REPLACE TEMP TABLE work AS
SELECT
    a.source, a.seq, a.time, a.hour, a.day, a.actor, a.team, a.action, a.client_ip, a.client, a.host,
    a.route, a.credential, a.bytes, nullif(a.fields, '') IS NOT NULL AS personal,
    coalesce(a.status, 0) < 400 AND a.outcome IS DISTINCT FROM 'failure' AS shown,
    CASE WHEN a.subject IS DISTINCT FROM a.actor THEN a.subject END AS asked,
    a.subjects AS told,
    coalesce(a.path, concat_ws(' ', a.host, a.route, a.subject)) AS thing
FROM working AS a
ANTI JOIN given_reason AS g ON g.source = a.source AND g.seq = a.seq;
