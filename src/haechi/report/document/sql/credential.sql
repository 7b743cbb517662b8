-- Credentials that were shown somebody's data. Nearly all see one person: only the others are counted person by person.
CREATE OR REPLACE TEMP TABLE report_credential AS
SELECT
    credential,
    count(*) AS requests,
    count(DISTINCT key) AS keys,
    min(subject) = max(subject) AS alone
FROM report_access
WHERE shown AND subject IS NOT NULL AND credential IS NOT NULL
GROUP BY credential
