-- As detect/sql/every_visit.sql, of carried state.
CREATE OR REPLACE TEMP TABLE every_visit AS
SELECT
    client_ip, client, day, sum(personal)::BIGINT AS personal, sum(other)::BIGINT AS other,
    min(someone) AS someone_first, max(coalesce(someone_else, someone)) AS someone_last
FROM use_day
WHERE (client_ip IS NOT NULL OR client IS NOT NULL) AND (actor IS NULL OR actor NOT IN (SELECT w.actor FROM worker AS w))
GROUP BY client_ip, client, day
HAVING sum(personal) > 0
