-- Accounts that are nobody's at work and that were used for their own data; of the requests that were no failed log-ins.
WITH whole AS (
    SELECT case_no, sum(accesses)::BIGINT AS accesses FROM suspect WHERE NOT coalesce(failed_login, false) GROUP BY case_no
)
SELECT
    s.case_no, count(DISTINCT s.actor) AS accounts, sum(s.accesses)::BIGINT AS accesses, any_value(t.accesses) AS of
FROM suspect AS s
JOIN whole AS t ON t.case_no = s.case_no
WHERE s.own AND NOT s.claimed AND NOT coalesce(s.failed_login, false)
    AND s.actor NOT IN (SELECT account FROM work_account)
GROUP BY s.case_no
