-- Addresses, with the part of each that tells its network: three numbers of four, or 48 bits of a longer one.
CREATE OR REPLACE TEMP TABLE report_address AS
SELECT
    client_ip,
    CASE
        WHEN client_ip LIKE '%:%' THEN regexp_extract(client_ip, '^[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F]*') || '::/48'
        ELSE regexp_extract(client_ip, '^([0-9]+\.[0-9]+\.[0-9]+)\.', 1) || '.0/24'
    END AS net,
    count(*) AS requests,
    count(*) FILTER (shown) AS shown,
    count(*) FILTER (shown AND subject IS NOT NULL) AS named,
    coalesce(min(subject) FILTER (shown) = max(subject) FILTER (shown), false) AS alone
FROM report_access
WHERE client_ip IS NOT NULL
GROUP BY client_ip
