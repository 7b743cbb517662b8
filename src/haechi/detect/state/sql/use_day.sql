-- What one account did from one address with one client and key on a local day.
--   hours:    those in which it was there, a bit an hour of the day
--   requests: all     personal: for pages with personal data of one person that were let in     other: for other pages
--   someone, someone_else: of these persons the first by name, and the last where it is another
SELECT
    client_ip, client, key, actor, day,
    bit_or(1 << h)::INTEGER AS hours,
    count(*) AS requests,
    count(*) FILTER (shown) AS personal,
    count(*) FILTER (NOT personal) AS other,
    min(asked) FILTER (shown) AS someone,
    CASE WHEN max(asked) FILTER (shown) <> someone THEN max(asked) FILTER (shown) END AS someone_else
FROM (
    SELECT
        a.client_ip, a.client, a.key, a.actor, h.local::DATE AS day, hour(h.local)::INTEGER AS h,
        nullif(a.fields, '') IS NOT NULL AS personal,
        asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS asked,
        personal AND asked IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403) AS shown
    FROM state_record AS a
    JOIN state_hour AS h ON h.hour = date_trunc('hour', a.time)
)
GROUP BY client_ip, client, key, actor, day
