/* ---
id = "first-export"
title = "An export by who never exports"
tier = "behaviour"
severity = "high"
means = "An account exported the data of many people, though neither it nor most of its colleagues ever do: a task that is not its own, or a session that somebody else uses."
normal = """
Backups and reports are exported on most days by the same accounts, and whoever exports on more than usual_share of its days, or belongs to a team whose members mostly do, is left alone. So is an export with a reason on record (an approval, a declared purpose).
An account seen on fewer than min_days other days has no usual work.
"""
attack = ["T1213.006", "T1567"]
needs = ["access"]
window = "day"
carry = """
-- What an account and its team are used to is told by all days; asked for only where a day's exports are large.
SELECT 'all' AS entity_kind, '' AS entity
FROM work
WHERE action = 'export' AND personal AND shown
GROUP BY actor, day
HAVING greatest(sum(told), count(DISTINCT asked)) >= $min_persons
    OR (max(told) IS NULL AND count(asked) = 0 AND sum(bytes) >= $min_bytes)
"""
sentence = "{entity}, who does not export, exported the data of {subjects:person|people} in {accesses:request} ({evidence_what})."
clause = "{entity} exported though it never does ({evidence_what})"

[params.min_persons]
default = 100
unit = "persons a day"
meaning = "Smaller exports are left alone, where the records tell how many people they held."

[params.min_bytes]
default = 100000
unit = "bytes a day"
meaning = "The same, where the records tell only the size."

[params.usual_share]
default = 0.1
unit = "share of days"
meaning = "Who exports on more of its days does so for work."

[params.min_days]
default = 10
unit = "days"
meaning = "Fewer days at work tell no habit."
--- */
WITH present AS (
    SELECT team, actor, day, bool_or(action = 'export' AND nullif(fields, '') IS NOT NULL) AS exports
    FROM working
    GROUP BY team, actor, day
),
habit AS (
    SELECT team, actor, count(*) AS days, count(*) FILTER (exports) AS exporting, exporting > $usual_share * days AS usual
    FROM present GROUP BY team, actor
),
-- A team of one is its own measure only.
team_habit AS (SELECT team, count(*) FILTER (usual) / count(*) AS share FROM habit GROUP BY team),
big AS (
    SELECT w.actor, w.day, sum(w.told) AS told, sum(w.bytes) AS bytes, count(DISTINCT w.asked) AS asked
    FROM work AS w
    JOIN habit AS h ON h.actor = w.actor
    JOIN team_habit AS t ON t.team = w.team
    WHERE w.action = 'export' AND w.personal AND w.shown AND t.share < 0.5
        -- The day itself is taken out of both sides.
        AND h.days - 1 >= $min_days AND h.exporting - 1 <= $usual_share * (h.days - 1)
    GROUP BY w.actor, w.day
    HAVING greatest(sum(w.told), count(DISTINCT w.asked)) >= $min_persons
        OR (max(w.told) IS NULL AND count(w.asked) = 0 AND sum(w.bytes) >= $min_bytes)
)
SELECT
    w.source, w.seq, 'actor' AS entity_kind, w.actor AS entity,
    strftime(w.day, '%Y-%m-%d') || coalesce(format(', {:,} bytes', b.bytes::BIGINT), '') AS evidence_what
FROM work AS w
JOIN big AS b ON b.actor = w.actor AND b.day = w.day
WHERE w.action = 'export' AND w.personal AND w.shown
