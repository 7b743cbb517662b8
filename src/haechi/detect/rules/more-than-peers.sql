/* ---
id = "more-than-peers"
title = "Far more people than colleagues see"
tier = "behaviour"
severity = "medium"
means = "An account at work looked at far more different people in a day or a month than its colleagues did at the same time and usually do, or than it ever did before: somebody who collects, or whose account somebody else uses."
normal = """
Some colleagues work twice as fast as others. A busy day makes all of them busy: a day is compared with the same day of the team and with the team's usual days, whichever is more. Medians are compared, so that a few who collect for months do not become the measure; and the highest days (a tenth of a team's, a twentieth of an account's) are still normal.
Accesses with a reason on record (a ticket, an order, an approval, a declared purpose) are explained and not counted.
Where lookup-without-reason names an account, it tells person by person who was looked up without a reason: the days that it flags are left to it, and so are the rest of their months.
Where fewer than min_peers colleagues are at work, an account is compared with its own other days only.
"""
attack = ["T1213", "T1078"]
needs = ["personal_access"]
reads = ["lookup-without-reason"]
window = "day"
carry = """
-- What colleagues do is told by all days; asked for only where somebody sees more people than are left alone, with or
-- without a reason.
WITH seen AS MATERIALIZED (
    SELECT actor, date_trunc('month', day)::DATE AS month, greatest(count(DISTINCT asked), max(told)) AS persons
    FROM work WHERE personal AND shown
    GROUP BY actor, day
),
busy AS MATERIALIZED (
    SELECT DISTINCT e.entity_kind, e.entity, e.month, e.told
    FROM seen AS s
    JOIN entity_month AS e ON e.entity_kind = 'actor' AND e.entity = s.actor AND e.month = s.month
    WHERE greatest(e.personal, e.told) > $min_persons_month
)
SELECT 'all' AS entity_kind, '' AS entity FROM seen WHERE persons > $min_persons
UNION ALL
SELECT 'all', ''
FROM busy AS b LEFT JOIN person_month AS p USING (entity_kind, entity, month)
GROUP BY b.entity, b.month, b.told
HAVING greatest(count(p.subject), b.told) > $min_persons_month
"""
sentence = "{entity} looked at the data of {subjects:person|people} in {accesses:request} without a reason on record ({evidence_most})."
clause = "{entity} looked at far more people than colleagues do ({evidence_most})"

[params.min_persons]
default = 30
unit = "persons a day"
meaning = "Up to here, no comparison says anything."

[params.min_persons_month]
default = 50
unit = "persons a month"
meaning = "The same for a month: few a day, but never the same ones."

[params.factor]
default = 3.0
unit = "times the usual"
meaning = "So many times the median of the team, of the day or of all days, and of the account's own days."

[params.min_peers]
default = 4
unit = "accounts"
meaning = "A team of fewer others tells nothing."

[params.min_days]
default = 20
unit = "days"
meaning = "An account seen at work on fewer other days has no past to be compared with."
--- */
WITH span_of (span, least_persons, least_spans) AS (
    VALUES ('day', $min_persons, $min_days), ('month', $min_persons_month, 3)
),
shown AS (SELECT * FROM work WHERE personal AND shown AND (asked IS NOT NULL OR told > 0)),
counted AS (
    SELECT team, actor, span, start, count(asked) AS named, greatest(count(asked), max(told)) AS persons
    FROM (
        SELECT w.team, w.actor, s.span, date_trunc(s.span, w.day) AS start, w.asked, max(w.told) AS told
        FROM shown AS w CROSS JOIN span_of AS s
        GROUP BY ALL
    )
    GROUP BY team, actor, span, start
),
-- Days at work without one unexplained person count as well: for who has a ticket for everybody, none is usual.
present AS (
    SELECT DISTINCT team, actor, day FROM working WHERE nullif(fields, '') IS NOT NULL
),
every AS (
    SELECT p.*, coalesce(c.persons, 0) AS persons
    FROM (SELECT DISTINCT team, actor, span, date_trunc(span, day) AS start FROM present CROSS JOIN span_of) AS p
    LEFT JOIN counted AS c USING (team, actor, span, start)
),
team_now AS (SELECT team, span, start, median(persons) AS usual, count(*) AS accounts FROM every GROUP BY ALL),
team_all AS (
    SELECT
        team, span, median(persons) AS usual, quantile_cont(persons, 0.9) AS high, count(DISTINCT actor) - 1 AS others
    FROM every GROUP BY team, span
),
own AS (
    SELECT actor, span, median(persons) AS usual, quantile_cont(persons, 0.95) AS high, count(*) - 1 AS spans
    FROM every GROUP BY actor, span
),
far AS (
    SELECT
        c.actor, c.span, c.start, c.named, c.persons, s.least_persons,
        CASE WHEN t.others >= $min_peers
            THEN greatest(t.usual, CASE WHEN n.accounts > $min_peers THEN n.usual ELSE 0 END) END AS peers,
        t.high AS peers_high,
        CASE WHEN o.spans >= s.least_spans THEN o.usual END AS own,
        o.high AS own_high
    FROM counted AS c
    JOIN span_of AS s USING (span)
    JOIN team_all AS t USING (team, span)
    JOIN team_now AS n USING (team, span, start)
    JOIN own AS o USING (actor, span)
    WHERE c.persons > s.least_persons
),
flagged AS (
    -- Above the peers. Or, where all are alike or there are none, above the account's own days; but not on a day that
    -- was busy for everybody. The high days of either are still normal: one in ten of a team, one in twenty of an account.
    SELECT *, least(coalesce(over_peers, over_own), coalesce(over_own, over_peers)) AS most_allowed
    FROM (
        SELECT
            *,
            CASE WHEN peers IS NOT NULL THEN greatest($factor * peers, 1.5 * peers_high) END AS over_peers,
            CASE WHEN own IS NOT NULL THEN greatest($factor * own, $factor * own_high, coalesce(2 * peers, 0)) END AS over_own
        FROM far
    )
    WHERE persons > over_peers OR persons > over_own
),
-- What the rules that ran before this one flagged, on all days.
judged_day AS (
    SELECT DISTINCT w.actor, w.day
    FROM flag_before AS f JOIN shown AS w USING (source, seq)
    WHERE f.rule = 'lookup-without-reason'
),
most AS (
    SELECT
        actor,
        arg_max(
            format('{:,} ', persons)
            || CASE span WHEN 'day' THEN strftime(start, 'on %Y-%m-%d') ELSE strftime(start, 'in %Y-%m') END
            || coalesce(format(', the team''s usual {:,}', peers::BIGINT), '')
            || coalesce(format(', its own usual {:,}', own::BIGINT), ''),
            (persons / least_persons, start)
        ) AS label
    FROM flagged
    GROUP BY actor
)
SELECT w.source, w.seq, 'actor' AS entity_kind, w.actor AS entity, m.label AS evidence_most
FROM shown AS w
JOIN most AS m ON m.actor = w.actor
ANTI JOIN judged_day AS j ON j.actor = w.actor AND j.day = w.day AND w.asked IS NOT NULL
-- Where one answer held too many people, it is that answer, and not the small ones of the same day.
WHERE EXISTS (
    FROM flagged AS f
    WHERE f.actor = w.actor AND f.span = 'day' AND f.start = w.day AND (f.named > f.most_allowed OR w.told > f.most_allowed)
)
    -- A month as a whole only where no day of it explains why: the rest of its days are then ordinary.
    OR EXISTS (
        FROM flagged AS f
        WHERE f.actor = w.actor AND f.span = 'month' AND f.start = date_trunc('month', w.day) AND f.named > f.most_allowed
            AND NOT EXISTS (
                FROM flagged AS d
                WHERE d.actor = f.actor AND d.span = 'day' AND date_trunc('month', d.start) = f.start
            )
            AND NOT EXISTS (FROM judged_day AS j WHERE j.actor = f.actor AND date_trunc('month', j.day) = f.start)
    )
