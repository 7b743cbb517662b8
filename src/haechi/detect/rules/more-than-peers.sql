/* ---
id = "more-than-peers"
title = "Far more people than colleagues see"
tier = "behaviour"
severity = "medium"
means = "An account at work looked at far more different people in a day than its colleagues did on the same day and usually do, or than it ever did before: somebody who collects, or whose account somebody else uses."
normal = """
Some colleagues work twice as fast as others. A busy day makes all of them busy: a day is compared with the same day of the team and with the team's usual days, whichever is more. Medians are compared, so that a few who collect for months do not become the measure.
Accesses with a reason on record (a ticket, an order, an approval, a declared purpose) are explained and not counted.
Where fewer than min_peers colleagues are at work, an account is compared with its own other days only.
"""
attack = ["T1213", "T1078"]
needs = ["personal_access"]
sentence = "{entity} looked at the data of {subjects:person|people} in {accesses:request} without a reason on record ({evidence_most})."
clause = "{entity} looked at far more people than colleagues do ({evidence_most})"

[params.min_persons]
default = 30
unit = "persons a day"
meaning = "Up to here, no comparison says anything."

[params.factor]
default = 3.0
unit = "times the usual"
meaning = "So many times the median of the team, of the day or of all days, and of the account's own days."

[params.min_peers]
default = 4
unit = "accounts"
meaning = "A team of fewer others tells nothing."

[params.min_days]
default = 10
unit = "days"
meaning = "An account seen at work on fewer other days has no past to be compared with."
--- */
WITH daily AS (
    SELECT team, actor, day, greatest(count(DISTINCT asked), max(told)) AS persons
    FROM work
    WHERE personal AND shown AND (asked IS NOT NULL OR told > 0)
    GROUP BY team, actor, day
),
-- Days at work without one unexplained person count as well: for who has a ticket for everybody, none is usual.
at_work AS (
    SELECT w.team, a.actor, l.local::DATE AS day
    FROM access AS a JOIN worker AS w USING (actor) JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE nullif(a.fields, '') IS NOT NULL
    GROUP BY ALL
),
every AS (SELECT w.team, w.actor, w.day, coalesce(d.persons, 0) AS persons FROM at_work AS w LEFT JOIN daily AS d USING (team, actor, day)),
team_day AS (SELECT team, day, median(persons) AS usual, count(*) AS accounts FROM every GROUP BY team, day),
team_all AS (
    SELECT team, median(usual) AS usual, max(others) AS others
    FROM (SELECT team, actor, median(persons) AS usual, count(*) OVER (PARTITION BY team) - 1 AS others FROM every GROUP BY team, actor)
    GROUP BY team
),
own AS (SELECT actor, median(persons) AS usual, count(*) - 1 AS days FROM every GROUP BY actor),
far AS (
    SELECT
        d.actor, d.day, d.persons,
        CASE WHEN t.others >= $min_peers THEN greatest(t.usual, CASE WHEN s.accounts > $min_peers THEN s.usual ELSE 0 END) END AS peers,
        CASE WHEN o.days >= $min_days THEN o.usual END AS own
    FROM daily AS d
    JOIN team_all AS t USING (team)
    JOIN team_day AS s ON s.team = d.team AND s.day = d.day
    JOIN own AS o ON o.actor = d.actor
    WHERE d.persons > $min_persons
),
flagged AS (
    -- Above the peers. Or, where all are alike or there are none, above the account's own days; but not on a day that
    -- was busy for everybody.
    SELECT * FROM far
    WHERE persons > $factor * peers
        OR (persons > $factor * own AND persons > coalesce(2 * peers, 0))
),
most AS (
    SELECT
        actor,
        arg_max(
            format('{:,} on {}', persons, strftime(day, '%Y-%m-%d'))
            || coalesce(format(', the team''s usual {:,}', peers::BIGINT), '')
            || coalesce(format(', its own usual {:,}', own::BIGINT), ''),
            (persons, day)
        ) AS label
    FROM flagged
    GROUP BY actor
)
SELECT w.source, w.seq, 'actor' AS entity_kind, w.actor AS entity, m.label AS evidence_most
FROM work AS w
SEMI JOIN flagged AS f ON f.actor = w.actor AND f.day = w.day
JOIN most AS m ON m.actor = w.actor
WHERE w.personal AND w.shown AND (w.asked IS NOT NULL OR w.told > 0)
