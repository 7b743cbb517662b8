/* ---
id = "curious-staff"
title = "One person, many curious staff"
tier = "purpose"
severity = "high"
means = "Several accounts at work looked at the same person within days, and none of them had a reason of their own: a celebrity, somebody in the news, somebody everybody talks about."
normal = """
Somebody who calls often is seen by many, and a few of these calls have no ticket: flagged only where the look-ups without a reason (one a day and account) are far more than the team's usual share of all look-ups of that person would give; so many by chance in less than one of 100,000.
Fewer than min_accounts within window are left alone. A ticket of somebody else explains nothing here: it does not take so many to work on it.
Teams for whom no reasons are collected are not judged.
"""
attack = ["T1213"]
needs = ["reason", "judged_team"]
window = "day"
carry = """
-- Persons whom enough accounts at work looked at near these days, with or without a reason.
SELECT 'all' AS entity_kind, '' AS entity
FROM (
    SELECT DISTINCT k.subject
    FROM staff_look AS k LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
    WHERE g.own IS DISTINCT FROM true
) AS p
JOIN person_day AS d ON d.entity_kind = 'actor' AND d.subject = p.subject
JOIN worker AS w ON w.actor = d.entity
CROSS JOIN looked AS n
WHERE d.day BETWEEN n.first - $window - INTERVAL 1 DAY AND n.last + $window + INTERVAL 1 DAY
GROUP BY p.subject
HAVING count(DISTINCT d.entity) >= $min_accounts
"""
sentence = "{evidence_accounts} accounts looked at data subject {entity} without a reason of their own: {accesses:request}."
clause = "{evidence_accounts} accounts looked at data subject {entity} without a reason of their own"

[params.min_accounts]
default = 4
unit = "accounts"
meaning = "Fewer who look at one person without a reason are chance."

[params.window]
default = "7d"
unit = "duration"
meaning = "They look within so long."
--- */
WITH first_look AS (
    SELECT subject, actor, day, min(time) AS time FROM unexplained_look GROUP BY ALL
),
-- For each look, who looked within the window that it begins: how many accounts, and how often.
crowd AS (
    SELECT a.subject, a.time AS began, count(DISTINCT b.actor) AS accounts, count(*) AS bare
    FROM first_look AS a
    JOIN first_look AS b ON b.subject = a.subject AND b.time BETWEEN a.time AND a.time + $window
    WHERE a.subject IN (SELECT f.subject FROM first_look AS f GROUP BY f.subject HAVING count(DISTINCT f.actor) >= $min_accounts)
    GROUP BY ALL
    HAVING count(DISTINCT b.actor) >= $min_accounts
),
all_looks AS (
    SELECT c.subject, c.began, c.accounts, c.bare, count(DISTINCT (k.actor, k.day)) AS looks
    FROM crowd AS c
    JOIN staff_look AS k ON k.subject = c.subject AND k.time BETWEEN c.began AND c.began + $window
    GROUP BY ALL
),
-- How many look-ups of a team have no reason of the actor's own: forgotten tickets, and work on a colleague's. The lower
-- median of its members; even a careful team has one in fifty.
bare_person AS (
    SELECT team, actor, count(DISTINCT (day, subject)) AS bare FROM unexplained_look GROUP BY ALL
),
all_persons AS (
    SELECT team, actor, sum(persons) AS persons FROM look_day SEMI JOIN judged_team USING (team) GROUP BY ALL
),
usual AS (
    SELECT team, greatest(quantile_disc(coalesce(bare, 0) / persons, 0.5), 0.02) AS share
    FROM all_persons LEFT JOIN bare_person USING (team, actor)
    GROUP BY team
),
flagged AS (
    SELECT subject, began, accounts
    FROM (
        SELECT a.*, s.share * a.looks AS expected
        FROM all_looks AS a CROSS JOIN (SELECT max(share) AS share FROM usual) AS s
    )
    -- So many by chance less than once in 100,000 (Chernoff's bound for a Poisson number).
    WHERE bare > expected AND bare * ln(bare / expected) - bare + expected > ln(100000)
)
SELECT u.source, u.seq, 'subject' AS entity_kind, u.subject AS entity, max(f.accounts) AS evidence_accounts
FROM unexplained_look AS u
JOIN flagged AS f ON f.subject = u.subject AND u.time BETWEEN f.began AND f.began + $window
GROUP BY u.source, u.seq, u.subject
