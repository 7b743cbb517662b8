/* ---
id = "keeps-coming-back"
title = "The same person, again and again"
tier = "purpose"
severity = "high"
means = "An account at work looked at one person on several days, and mostly without a reason: a former partner, a neighbour, somebody they cannot leave alone."
normal = """
A customer who calls often: most of these look-ups have a ticket. Flagged only where at least min_share of the days on which the account saw that person were without anybody's reason, and at least min_days. Then a colleague's open ticket of that person is no reason for the rest of them either; one's own still is.
Teams for whom no reasons are collected are not judged.
"""
attack = ["T1213"]
needs = ["reason", "judged_team"]
window = "day"
carry = """
-- Pairs that met often enough, with or without a reason.
SELECT 'all' AS entity_kind, '' AS entity
FROM (
    SELECT DISTINCT k.actor, k.subject
    FROM staff_look AS k LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
    WHERE g.own IS DISTINCT FROM true
) AS p
JOIN person_day AS d ON d.entity_kind = 'actor' AND d.entity = p.actor AND d.subject = p.subject
GROUP BY p.actor, p.subject
HAVING count(DISTINCT d.day) >= $min_days
"""
sentence = "{entity} looked at {subjects:person|people} again and again without a reason: {accesses:request} on {evidence_days} days for the most."
clause = "{entity} kept coming back to {subjects:person|people} without a reason"

[params.min_days]
default = 3
unit = "days"
meaning = "On fewer days it is no habit."

[params.min_share]
default = 0.5
unit = "share of days"
meaning = "Of the days on which the account saw that person, so many are without a reason."
--- */
WITH bare AS (
    SELECT actor, subject, count(DISTINCT day) AS days
    FROM unexplained_look WHERE NOT passed_on
    GROUP BY ALL
    HAVING count(DISTINCT day) >= $min_days
),
pair AS (
    SELECT b.actor, b.subject, b.days
    FROM bare AS b
    JOIN staff_look AS k ON k.actor = b.actor AND k.subject = b.subject
    GROUP BY ALL
    HAVING b.days >= $min_share * count(DISTINCT k.day)
),
most AS (SELECT actor, max(days) AS days FROM pair GROUP BY actor)
SELECT u.source, u.seq, 'actor' AS entity_kind, u.actor AS entity, u.subject, m.days AS evidence_days
FROM unexplained_look AS u
SEMI JOIN pair AS p ON p.actor = u.actor AND p.subject = u.subject
JOIN most AS m ON m.actor = u.actor
