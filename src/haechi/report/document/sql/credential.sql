-- Credentials that were shown somebody's data. Nearly all see one person, as their hashes tell (64 bits): only the others
-- are counted person by person.
CREATE OR REPLACE TEMP TABLE report_credential AS
SELECT credential, count(*) AS requests, min(hash(subject)) = max(hash(subject)) AS alone
FROM report_access
WHERE shown AND subject IS NOT NULL AND credential IS NOT NULL
GROUP BY credential
