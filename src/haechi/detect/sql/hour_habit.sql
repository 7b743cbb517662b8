-- For each hour at which an account at work was there: on how many other days it was at work at all (`days`), and on how many
-- of these within an hour of it (`seen`). All work, explained or not, makes the habit.
CREATE OR REPLACE TEMP TABLE hour_habit AS
WITH present AS (SELECT actor, count(DISTINCT day) AS days FROM work_hour GROUP BY actor),
near AS (
    SELECT DISTINCT p.actor, p.day, (p.h + o.o + 24) % 24 AS h
    FROM work_hour AS p CROSS JOIN (VALUES (-1), (0), (1)) AS o (o)
),
habit AS (SELECT actor, h, count(*) AS seen FROM near GROUP BY actor, h)
SELECT p.actor, p.day, p.h, d.days - 1 AS days, n.seen - 1 AS seen
FROM work_hour AS p
JOIN present AS d ON d.actor = p.actor
JOIN habit AS n ON n.actor = p.actor AND n.h = p.h;
