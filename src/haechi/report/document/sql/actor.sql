-- Accounts that were shown others' data. A member's own page is one person, and is left out before anything is grouped.
CREATE OR REPLACE TEMP TABLE report_actor AS
SELECT actor AS entity, count(*) AS named
FROM report_seen
WHERE shown AND subject <> actor
GROUP BY actor
