-- As detect/sql/key_day.sql, of carried state.
CREATE OR REPLACE TEMP TABLE key_day AS
SELECT u.key, u.day, sum(u.personal)::BIGINT AS requests, coalesce(sum(u.personal) FILTER (v.day IS NOT NULL), 0)::BIGINT AS bare
FROM use_day AS u
LEFT JOIN (SELECT DISTINCT coalesce(client_ip, '') AS client_ip, coalesce(client, '') AS client, day FROM every_visit WHERE other = 0) AS v
    ON v.client_ip = coalesce(u.client_ip, '') AND v.client = coalesce(u.client, '') AND v.day = u.day
WHERE u.key IS NOT NULL AND u.personal > 0 AND (u.actor IS NULL OR u.actor NOT IN (SELECT w.actor FROM worker AS w))
GROUP BY u.key, u.day
