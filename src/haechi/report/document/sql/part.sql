-- The month by everything that has few different values: most of the report is counted from here, in one reading.
CREATE OR REPLACE TEMP TABLE report_part AS
SELECT
    source,
    local::DATE AS day,
    hour(local) AS hour,
    action,
    shown,
    refused,
    count(*) AS requests,
    sum(bytes)::BIGINT AS bytes,
    min(time) AS first,
    max(time) AS last,
    count(*) FILTER (shown AND actor IS NOT NULL) AS who,
    count(*) FILTER (shown AND client_ip IS NOT NULL) AS place,
    count(*) FILTER (shown AND (subject IS NOT NULL OR subjects IS NOT NULL)) AS whose,
    count(*) FILTER (shown AND action IS NOT NULL AND (route IS NOT NULL OR fields IS NOT NULL)) AS what,
    count(*) FILTER (fields IS NULL) AS unknown
FROM report_access
GROUP BY ALL
