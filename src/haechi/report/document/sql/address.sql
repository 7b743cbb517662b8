-- Addresses.
CREATE OR REPLACE TEMP TABLE report_address AS
SELECT client_ip, count(*) AS requests, count(*) FILTER (shown) AS shown
FROM report_access
WHERE client_ip IS NOT NULL
GROUP BY client_ip
