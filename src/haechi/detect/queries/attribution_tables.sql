-- Accounts at work, with the person where the list of people names one.
CREATE OR REPLACE TEMP TABLE work_account AS
SELECT account, min(person) AS person, CASE WHEN bool_and(departed IS NOT NULL) THEN max(departed) END AS departed
FROM (
    SELECT account, person, departed FROM person WHERE account IS NOT NULL
    UNION ALL
    SELECT DISTINCT actor, NULL, NULL FROM access WHERE actor_kind = 'staff' AND actor IS NOT NULL
        AND actor NOT IN (SELECT account FROM person WHERE account IS NOT NULL)
)
GROUP BY account;

-- The accesses of each case, by what they may tell of who is behind them. A credential that is not good says nothing of its
-- actor, so that one is left out: a forger's victims are no suspects.
CREATE OR REPLACE TEMP TABLE suspect AS
SELECT
    a.case_no, a.claimed, CASE WHEN NOT a.claimed THEN a.actor END AS actor, a.key, a.client_ip,
    NOT a.claimed AND a.actor = a.subject AS own,
    a.action = 'login' AND (a.outcome = 'failure' OR a.status IN (401, 403)) AS failed_login,
    count(*) AS accesses, min(a.time) AS first, max(a.time) AS last
FROM case_access AS a
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE suspect_address AS
SELECT case_no, client_ip, sum(accesses)::BIGINT AS accesses
FROM suspect
WHERE client_ip IS NOT NULL
GROUP BY case_no, client_ip;

CREATE OR REPLACE TEMP TABLE suspect_worker AS
SELECT s.case_no, s.actor, w.person, w.departed, sum(s.accesses)::BIGINT AS accesses, min(s.first) AS first
FROM suspect AS s
JOIN work_account AS w ON w.account = s.actor
WHERE NOT coalesce(s.own, false)
GROUP BY ALL;

-- What staff did beside the cases: where each account worked.
CREATE OR REPLACE TEMP TABLE honest_work AS
SELECT a.actor, a.client_ip, count(*) AS accesses
FROM (SELECT * FROM access WHERE actor IN (SELECT account FROM work_account)) AS a
ANTI JOIN (SELECT source, seq FROM case_access WHERE actor IN (SELECT account FROM work_account)) AS c USING (source, seq)
GROUP BY a.actor, a.client_ip;
