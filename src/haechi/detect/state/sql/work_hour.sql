-- As detect/sql/work_hour.sql, of carried state.
CREATE OR REPLACE TEMP TABLE work_hour AS
SELECT u.actor, u.day, b.h
FROM (
    SELECT actor, day, bit_or(hours) AS hours FROM use_day
    WHERE actor IN (SELECT w.actor FROM worker AS w) GROUP BY actor, day
) AS u
JOIN (SELECT unnest(range(24)) AS h) AS b ON (u.hours >> b.h::INTEGER) & 1 = 1
