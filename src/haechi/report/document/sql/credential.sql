-- Credentials that were shown somebody's data. Nearly all see one person: these are only counted, in the row without a name;
-- the others are counted person by person.
CREATE OR REPLACE TEMP TABLE report_credential AS
SELECT CASE WHEN NOT alone THEN credential END AS entity, count(*) AS credentials, sum(requests)::BIGINT AS requests
FROM (
    SELECT credential, count(*) AS requests, min(subject) = max(subject) AS alone
    FROM report_seen
    WHERE shown AND subject IS NOT NULL AND credential IS NOT NULL
    GROUP BY credential
)
GROUP BY ALL
