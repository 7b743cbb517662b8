/* ---
id = "dormant-account"
title = "A forgotten account wakes up"
tier = "behaviour"
severity = "medium"
means = "An account at work that had not been used for months reads many people's data or exports it: nobody would have missed it, and nobody watches it."
normal = """
People come back from long leave and go on with their work: an account that reads as few people as its colleagues, under min_persons in its first days, is left alone.
An account must have been seen before the silence, or the list of people must say that its owner had long been there and the records must cover that time. Yearly jobs are declared purposes.
"""
attack = ["T1078"]
needs = ["access"]
window = "day"
carry = """
-- The days of who worked on these: asked for more only where one of them may have come back a while ago. By whole days, so
-- one more is allowed for on either side.
WITH used AS (
    SELECT entity AS actor, day, lag(day) OVER (PARTITION BY entity ORDER BY day) AS before
    FROM entity_day
    WHERE entity_kind = 'actor' AND entity IN (SELECT w.actor FROM work AS w)
),
joined AS (SELECT account, min(joined) AS joined FROM person GROUP BY account),
begun AS (SELECT min(day) AS first FROM use_day)
SELECT 'all' AS entity_kind, '' AS entity
FROM used AS u
CROSS JOIN looked AS k
CROSS JOIN begun AS b
LEFT JOIN joined AS p ON p.account = u.actor
WHERE u.day <= k.last AND u.day + $watch + INTERVAL 2 DAY >= k.first
    AND coalesce(u.before, greatest(p.joined::DATE, b.first)) + $silent <= u.day + INTERVAL 2 DAY
    AND (u.before IS NOT NULL OR p.joined IS NOT NULL)
LIMIT 1
"""
sentence = "{entity}, silent for {evidence_silent}, came back: {accesses:request} for data of {subjects:person|people}."
clause = "{entity} had been silent for {evidence_silent}"

[params.silent]
default = "60d"
unit = "duration"
meaning = "An account that does nothing for so long is dormant."

[params.watch]
default = "14d"
unit = "duration"
meaning = "How long after its return it is watched."

[params.min_persons]
default = 20
unit = "persons"
meaning = "Fewer in the time watched are somebody's first days back."
--- */
WITH used AS (
    SELECT actor, time, lag(time) OVER (PARTITION BY actor ORDER BY time) AS before FROM working
),
begun AS (SELECT min(time) AS first FROM access),
woken AS (
    SELECT u.actor, u.time AS woke, u.time - coalesce(u.before, greatest(p.joined, b.first)) AS silent
    FROM used AS u
    CROSS JOIN begun AS b
    LEFT JOIN (SELECT account, min(joined) AS joined FROM person GROUP BY account) AS p ON p.account = u.actor
    WHERE u.time - coalesce(u.before, greatest(p.joined, b.first)) >= $silent
        AND (u.before IS NOT NULL OR p.joined IS NOT NULL)
),
done AS (
    SELECT w.*, k.woke, k.silent
    FROM work AS w JOIN woken AS k ON k.actor = w.actor AND w.time >= k.woke AND w.time < k.woke + $watch
    WHERE w.shown AND w.action IN ('view', 'list', 'export')
),
heavy AS (
    SELECT actor, woke
    FROM done
    GROUP BY actor, woke
    HAVING greatest(count(DISTINCT asked), max(told)) >= $min_persons OR bool_or(action = 'export')
)
SELECT d.source, d.seq, 'actor' AS entity_kind, d.actor AS entity, format('{} days', datediff('day', d.woke - d.silent, d.woke)) AS evidence_silent
FROM done AS d SEMI JOIN heavy AS h ON h.actor = d.actor AND h.woke = d.woke
