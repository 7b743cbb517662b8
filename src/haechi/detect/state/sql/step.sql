-- The access records of a block's batches (`state_record`), by everything that is counted a day.
-- personal: requests for pages with personal data of a person or of some, that were let in
CREATE OR REPLACE TEMP TABLE state_step AS
WITH request AS (
    SELECT
        h.local::DATE AS day, a.credential, a.key, a.actor, a.client_ip, a.client, a.subject, a.subjects,
        nullif(a.fields, '') IS NOT NULL AND (a.subject IS NOT NULL OR a.subjects > 0)
            AND coalesce(a.status, 0) NOT IN (401, 403) AS personal
    FROM state_record AS a
    JOIN state_hour AS h ON h.hour = date_trunc('hour', a.time)
)
SELECT
    day, credential, key, actor, client_ip, client,
    CASE WHEN personal THEN subject END AS subject,
    count(*) AS requests,
    count(*) FILTER (personal) AS personal,
    max(subjects) FILTER (personal) AS told
FROM request
GROUP BY ALL
