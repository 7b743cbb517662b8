-- Accounts that were shown others' data. A member's own page is one person, and is left out before anything is grouped.
CREATE OR REPLACE TEMP TABLE report_actor AS
SELECT actor, count(*) AS named
FROM report_access
WHERE shown AND subject <> actor
GROUP BY actor
