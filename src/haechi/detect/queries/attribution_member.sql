-- Accounts that are nobody's at work and that were used for their own data; of the requests that were no failed log-ins.
SELECT
    case_no, count(DISTINCT actor) AS accounts, sum(accesses)::BIGINT AS accesses,
    (SELECT sum(accesses)::BIGINT FROM suspect AS t WHERE t.case_no = s.case_no AND NOT coalesce(t.failed_login, false)) AS of
FROM suspect AS s
WHERE own AND NOT claimed AND NOT coalesce(failed_login, false) AND actor NOT IN (SELECT account FROM work_account)
GROUP BY case_no
