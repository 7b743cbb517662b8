/* ---
id = "private-relation"
title = "Oneself, family, colleagues or the famous looked up"
tier = "purpose"
severity = "medium"
means = "An account at work opened the data of somebody whom its person knows in private life, without a reason of their own: themself, family, a neighbour, a colleague; or of somebody marked as a public figure."
normal = """
Such people are customers too: with a ticket, an order or an approval, of their own or the team's, the look-up is work. Only where an account looked at least at also_from of them without anybody's reason, a colleague's ticket does not excuse the others.
Only what relations are on record is judged: a list that says which member number is whose (self), who belongs to whom (family, neighbour, ...), and who is a public figure (in that list without an employee, or in the registry's kind as vip, celebrity or public figure).
Teams for whom no reasons are collected are not judged: for them a look-up without a reason says nothing.
"""
attack = ["T1213"]
needs = ["reason", "judged_team"]
window = "day"
carry = """
-- Whether a team is judged is told by all days; asked for only where somebody's own people were looked at.
SELECT 'all' AS entity_kind, '' AS entity
FROM staff_look AS k
LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
WHERE g.own IS DISTINCT FROM true AND (
    k.subject IN (SELECT r.subject FROM reason AS r WHERE r.kind = 'relation' AND private_relation(r.text))
    OR k.subject IN (
        SELECT s.subject FROM subject AS s WHERE lower(s.kind) IN ('vip', 'celebrity', 'public figure', 'public_figure')
    )
)
LIMIT 1
"""
sentence = "{entity} looked at {subjects:person|people} known from private life ({evidence_relation}) without a reason: {accesses:request}."
clause = "{entity} looked at people known from private life ({evidence_relation}) without a reason"

[params.also_from]
default = 2
unit = "persons"
meaning = "Who looked at so many of them without anybody's reason is judged by their own reasons alone."
--- */
WITH known AS (
    SELECT coalesce(p.account, r.actor) AS actor, r.subject, lower(trim(r.text)) AS relation
    FROM reason AS r
    LEFT JOIN (
        SELECT account AS name, account FROM person WHERE account IS NOT NULL
        UNION
        SELECT person, account FROM person WHERE account IS NOT NULL
    ) AS p ON p.name = r.actor
    WHERE r.kind = 'relation' AND r.subject IS NOT NULL AND private_relation(r.text)
),
-- What the look-up is to each account: what the list says of the two, or the member account of somebody who works here.
told AS (
    SELECT u.source, u.seq, u.actor, u.subject, u.passed_on, k.relation, 1 AS closeness
    FROM unexplained_look AS u JOIN known AS k ON k.actor = u.actor AND k.subject = u.subject
    UNION ALL
    SELECT u.source, u.seq, u.actor, u.subject, u.passed_on, 'colleague', 2
    FROM unexplained_look AS u
    JOIN known AS k ON k.actor <> u.actor AND k.subject = u.subject AND k.relation IN ('self', 'own', 'oneself', 'me', '본인', '本人')
    UNION ALL
    SELECT u.source, u.seq, u.actor, u.subject, u.passed_on, k.relation, 3
    FROM unexplained_look AS u JOIN known AS k ON k.actor IS NULL AND k.subject = u.subject
    UNION ALL
    SELECT u.source, u.seq, u.actor, u.subject, u.passed_on, lower(s.kind), 3
    FROM unexplained_look AS u
    JOIN subject AS s ON s.subject = u.subject AND lower(s.kind) IN ('vip', 'celebrity', 'public figure', 'public_figure')
),
-- Who looks again and again at people whom they know: a colleague's ticket that happens to be open does not excuse it.
nosy AS (
    SELECT actor FROM told WHERE NOT passed_on GROUP BY actor HAVING count(DISTINCT subject) >= $also_from
)
SELECT source, seq, 'actor' AS entity_kind, actor AS entity, any_value(subject) AS subject,
    arg_min(relation, closeness) AS evidence_relation
FROM told
WHERE NOT passed_on OR actor IN (SELECT n.actor FROM nosy AS n)
GROUP BY source, seq, actor
