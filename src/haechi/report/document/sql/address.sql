-- Addresses from which personal data was seen, and whether it was one person's.
CREATE OR REPLACE TEMP TABLE report_address AS
SELECT
    address AS entity,
    any_value(net) AS net,
    count(*) AS shown,
    count(subject) AS named,
    min(subject) IS NOT DISTINCT FROM max(subject) AS alone
FROM report_seen
WHERE shown AND address IS NOT NULL
GROUP BY address
