/* ---
id = "off-shift-lookup"
title = "People looked up outside every shift"
tier = "purpose"
severity = "medium"
means = "An account looked people up, without a reason, while its person was not at work by the list of shifts: the person from elsewhere, or somebody else with the account."
normal = """
Staff come early and stay late (grace). Whoever works on a ticket, order or approval of their own or the team's has a reason, whatever the hour.
Accounts without shifts on record are not judged, nor are days before the first shift and after the last one of the list.
Fewer than min_persons outside one's shifts are left alone.
"""
attack = ["T1078"]
needs = ["shift"]
window = "day"
carry = """
SELECT DISTINCT 'actor' AS entity_kind, k.actor AS entity
FROM staff_look AS k
ANTI JOIN shift AS s ON s.actor = k.actor AND k.time BETWEEN s.first - $grace AND s.last + $grace
ANTI JOIN explained AS e ON e.source = k.source AND e.seq = k.seq
WHERE k.actor IN (SELECT r.actor FROM shift AS r)
"""
sentence = "{entity} looked at {subjects:person|people} outside every shift and without a reason: {accesses:request}."
clause = "{entity} looked people up outside every shift"

[params.grace]
default = "2h"
unit = "duration"
meaning = "How long before and after a shift one may still be at work."

[params.min_persons]
default = 3
unit = "persons"
meaning = "Fewer are somebody who stood in for a colleague."
--- */
WITH rostered AS (
    SELECT actor, min(first) AS first, max(last) AS last FROM shift GROUP BY actor
),
listed AS (
    SELECT min(first) AS first, max(last) AS last FROM shift
),
-- By the day, so that a look finds the few shifts near it by hash.
shift_day AS (
    SELECT DISTINCT actor, first - $grace AS since, last + $grace AS until,
        unnest(range(date_trunc('day', first - $grace), last + $grace + INTERVAL 1 MICROSECOND, INTERVAL 1 DAY)) AS day
    FROM shift
),
off AS (
    SELECT k.source, k.seq, k.actor, k.subject
    FROM staff_look AS k
    SEMI JOIN rostered AS r ON r.actor = k.actor
    ANTI JOIN shift_day AS s ON s.actor = k.actor AND s.day = date_trunc('day', k.time) AND k.time BETWEEN s.since AND s.until
    ANTI JOIN explained AS e ON e.source = k.source AND e.seq = k.seq
    CROSS JOIN listed AS l
    WHERE k.time BETWEEN l.first - $grace AND l.last + $grace
),
many AS (
    SELECT actor FROM off GROUP BY actor HAVING count(DISTINCT subject) >= $min_persons
)
SELECT o.source, o.seq, 'actor' AS entity_kind, o.actor AS entity, o.subject
FROM off AS o
SEMI JOIN many AS m ON m.actor = o.actor
