-- The month's flagged requests, each once: by day, account, address and credential.
CREATE OR REPLACE TEMP TABLE report_flag AS
SELECT
    day, actor, address, credential, split_part(held, ',', 1) AS case_id,
    count(*) AS requests,
    count(*) FILTER (shown) AS shown
FROM report_flagged
WHERE inside
GROUP BY ALL
