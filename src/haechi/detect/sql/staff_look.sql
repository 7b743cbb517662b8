-- Look-ups at work: accesses by a worker that showed the personal data of one other person. Held as a view, since a service
-- may read everybody. `day` is the local one.
CREATE OR REPLACE TEMP VIEW staff_look AS
SELECT source, seq, time, actor, team, subject, route, day
FROM working
WHERE subject IS NOT NULL AND actor <> subject AND nullif(fields, '') IS NOT NULL
    AND coalesce(outcome = 'success', status < 400, true);
