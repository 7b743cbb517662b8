-- Look-ups at work: accesses by a worker that showed the personal data of one other person. Held as a view, since a service
-- may read everybody. `day` is the local one.
CREATE OR REPLACE TEMP VIEW staff_look AS
SELECT a.source, a.seq, a.time, a.actor, w.team, a.subject, a.route, l.local::DATE AS day
FROM access AS a
JOIN worker AS w ON w.actor = a.actor
JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
WHERE a.subject IS NOT NULL AND a.actor <> a.subject AND nullif(a.fields, '') IS NOT NULL
    AND coalesce(a.outcome = 'success', a.status < 400, true);
