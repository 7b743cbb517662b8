-- The month's accesses of each source.
CREATE OR REPLACE TEMP TABLE report_read AS
SELECT source, count(*) AS requests, sum(bytes)::BIGINT AS bytes, min(time) AS first, max(time) AS last
FROM report_access
GROUP BY source
