-- Addresses from which more than one person's data was seen. Whether all are one person is told by their hashes (64 bits):
-- comparing the names themselves would cost as much as all the rest.
CREATE OR REPLACE TEMP TABLE report_address_named AS
SELECT client_ip, count(*) AS named
FROM report_access
WHERE shown AND subject IS NOT NULL AND client_ip IS NOT NULL
GROUP BY client_ip
HAVING min(hash(subject)) <> max(hash(subject))
