-- Addresses from which personal data was seen. Whether it was one person's is told by the hashes (64 bits): comparing the
-- names themselves would cost as much as all the rest.
CREATE OR REPLACE TEMP TABLE report_address AS
SELECT
    client_ip,
    count(*) AS shown,
    count(subject) AS named,
    min(hash(subject)) FILTER (subject IS NOT NULL) IS NOT DISTINCT FROM max(hash(subject)) FILTER (subject IS NOT NULL) AS alone
FROM report_access
WHERE shown AND client_ip IS NOT NULL
GROUP BY client_ip
