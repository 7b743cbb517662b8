-- Whether staff accounts made the accesses, and whether their issuer had issued the credentials to them.
WITH whole AS (
    SELECT case_no, sum(accesses)::BIGINT AS accesses FROM suspect GROUP BY case_no
),
work AS (
    SELECT
        case_no, sum(accesses)::BIGINT AS accesses, count(*) AS accounts, min(actor) AS account,
        count(*) FILTER (departed < first) AS departed
    FROM suspect_worker
    GROUP BY case_no
),
issued AS (
    SELECT a.case_no, count(*) AS accesses
    FROM case_access AS a
    SEMI JOIN issuance AS i ON i.credential = a.credential AND i.actor = a.actor
    WHERE NOT a.claimed AND a.actor IN (SELECT actor FROM suspect_worker)
    GROUP BY a.case_no
)
SELECT w.case_no, w.accesses, t.accesses AS of, w.accounts, w.account, w.departed, coalesce(i.accesses, 0) AS issued
FROM work AS w
JOIN whole AS t USING (case_no)
LEFT JOIN issued AS i USING (case_no)
