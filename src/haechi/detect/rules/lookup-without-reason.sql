/* ---
id = "lookup-without-reason"
title = "People looked up without a reason"
tier = "purpose"
severity = "high"
means = "On some days an account looked up many people for whom nobody had a ticket, an order or an approval: far more than its colleagues forget to write down. Somebody collects people by hand, for themself or for somebody who pays."
normal = """
Some calls never get a ticket. What is usual in the team (the median share of persons without a reason) is expected of everybody, and a day is flagged only where it has at least min_persons and is far beyond chance. A busy day brings more of them in proportion, and is no sign.
Work that passes from hand to hand: a ticket or order of somebody else in the team is a reason too.
Days of an account that is flagged for another day count from also_from persons; single ones on its other days are left alone.
On a flagged day, people whose pages were opened just as for those with a reason (the pages that ordinary_share of these have) are left out where nearly all others were opened in another way: they are the team's usual forgotten tickets. And those opened in that other way count although a colleague happens to have a ticket of theirs.
Teams for whom no reasons are collected are not judged.
"""
attack = ["T1213", "T1078"]
needs = ["reason", "judged_team"]
window = "day"
carry = """
-- What a team is used to is told by all days; asked for only where a day has more than the most careful team's.
SELECT 'all' AS entity_kind, '' AS entity
FROM look_day
WHERE unexplained >= $also_from AND unexplained > 0.01 * persons + 3 * sqrt(0.01 * persons)
LIMIT 1
"""
sentence = "{entity} looked up {subjects:person|people} without a ticket, order or approval ({evidence_most})."
clause = "{entity} looked people up without a reason on record ({evidence_most})"
unknown = """
SELECT sum(persons)::BIGINT, format('by {} of teams for whom few reasons are on record', count(DISTINCT actor)::VARCHAR || CASE WHEN count(DISTINCT actor) = 1 THEN ' account' ELSE ' accounts' END)
FROM look_day ANTI JOIN judged_team USING (team) HAVING count(*) > 0
"""

[params.min_persons]
default = 8
unit = "persons a day"
meaning = "Fewer without a reason on one day are forgotten tickets."

[params.also_from]
default = 3
unit = "persons a day"
meaning = "On other days of an account that is flagged anyway."

[params.ordinary_share]
default = 0.9
unit = "share of persons"
meaning = "Of the persons looked up with a reason, so many have their pages opened in the ordinary way; and of the others on a flagged day, so many do not."
--- */
WITH day_of AS (
    SELECT d.*, j.usual, greatest(j.usual, 0.01) * d.persons AS expected
    FROM look_day AS d
    JOIN judged_team AS j USING (team)
    WHERE d.unexplained > 0
),
-- Six standard deviations of a count: among a million honest days not one.
sure AS (
    SELECT DISTINCT actor FROM day_of
    WHERE unexplained >= $min_persons AND unexplained > expected + 6 * sqrt(expected)
),
flagged_day AS (
    SELECT d.*
    FROM day_of AS d
    SEMI JOIN sure USING (actor)
    WHERE unexplained >= $also_from AND unexplained > expected + 3 * sqrt(expected)
),
-- How a person is looked up: which pages, taken together.
look AS (
    SELECT k.team, k.actor, k.day, k.subject, list_sort(list(DISTINCT k.route)) AS pages,
        bool_or(g.n IS NOT NULL) AS explained, coalesce(bool_or(g.own), false) AS own
    FROM staff_look AS k
    LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
    WHERE k.team IN (SELECT f.team FROM flagged_day AS f)
    GROUP BY ALL
),
ordinary AS (
    SELECT team, pages
    FROM (SELECT team, pages, count(*) AS persons, sum(count(*)) OVER (PARTITION BY team) AS everyone FROM look WHERE explained GROUP BY team, pages)
    WHERE persons >= $ordinary_share * everyone
),
bare AS (
    SELECT k.*, o.pages IS NOT NULL AS ordinary, f.persons AS that_day, f.unexplained,
        avg((o.pages IS NULL)::INTEGER) FILTER (NOT k.explained) OVER (PARTITION BY k.actor) AS odd_share
    FROM look AS k
    JOIN flagged_day AS f ON f.actor = k.actor AND f.day = k.day
    LEFT JOIN ordinary AS o ON o.team = k.team AND o.pages = k.pages
    WHERE NOT k.own
),
person AS (
    FROM bare
    WHERE CASE WHEN explained THEN NOT ordinary AND odd_share >= $ordinary_share
        ELSE NOT (ordinary AND odd_share >= $ordinary_share) END
),
most AS (
    SELECT
        actor,
        arg_max(
            format('{:,} of {:,} persons on {}', unexplained, that_day, strftime(day, '%Y-%m-%d')), (unexplained, day)
        ) AS label
    FROM person
    GROUP BY actor
)
SELECT u.source, u.seq, 'actor' AS entity_kind, u.actor AS entity, u.subject, m.label AS evidence_most
FROM unexplained_look AS u
SEMI JOIN person AS p ON p.actor = u.actor AND p.day = u.day AND p.subject = u.subject
JOIN most AS m ON m.actor = u.actor
