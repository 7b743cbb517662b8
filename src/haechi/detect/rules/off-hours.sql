/* ---
id = "off-hours"
title = "At work when it never works"
tier = "behaviour"
severity = "medium"
means = "An account read many people's data, whole tables, or exports at hours in which it hardly ever worked before: a session that somebody else took over, or work that nobody should see."
normal = """
People stay late and log in early: an hour counts as usual where the account, or the median of its team, was at work within an hour of it on more than usual_share of its days (working days and weekends apart). Batch jobs have their hours too.
A late look at a few people is left alone, and so is whatever has a reason on record.
An account that was seen on fewer than min_days other days has no usual hours.
"""
attack = ["T1078", "T1213"]
needs = ["access"]
window = "near"
carry = """
-- A night is of two days. Who did anything at a strange hour on these days may have done more on the days beside them.
SELECT DISTINCT 'actor' AS entity_kind, w.actor AS entity
FROM work AS w JOIN hour_habit AS n ON n.actor = w.actor AND n.day = w.day AND n.h = hour(w.hour)
WHERE n.days >= $min_days AND n.seen <= $usual_share * n.days AND w.shown AND w.action IN ('view', 'list', 'export')
"""
sentence = "{entity} made {accesses:request} at hours when it hardly ever works ({evidence_when})."
clause = "{entity} worked at hours when it hardly ever does ({evidence_when})"

[params.min_days]
default = 10
unit = "days"
meaning = "Fewer days at work tell no habit."

[params.usual_share]
default = 0.1
unit = "share of days"
meaning = "An hour within an hour of which the account worked on more of its days is usual."

[params.min_persons]
default = 10
unit = "persons in a night"
meaning = "Fewer are a late call."

[params.min_reads]
default = 50
unit = "requests in a night"
meaning = "Reads, where the records do not tell whose data it was."
--- */
WITH strange_hour AS (
    SELECT actor, day, h FROM hour_habit WHERE days >= $min_days AND seen <= $usual_share * days
),
done AS (
    SELECT w.*, (w.hour - INTERVAL 12 HOUR)::DATE AS night
    FROM work AS w JOIN strange_hour AS s ON s.actor = w.actor AND s.day = w.day AND s.h = hour(w.hour)
    WHERE w.shown AND w.action IN ('view', 'list', 'export')
),
heavy AS (
    SELECT
        actor, night, min(hour) AS first, count(*) AS requests,
        greatest(count(DISTINCT asked) FILTER (personal), max(told), 0) AS persons
    FROM done
    GROUP BY actor, night
    HAVING persons >= $min_persons
        OR count(*) FILTER (asked IS NULL AND told IS NULL) >= $min_reads
        OR bool_or(action = 'export')
),
said AS (
    SELECT h.actor, arg_max(strftime(h.first, '%a %Y-%m-%d %H:00'), (h.persons, h.requests, h.night)) AS at
    FROM heavy AS h JOIN looked AS k ON h.night + INTERVAL 36 HOUR > k.first AND h.night + INTERVAL 12 HOUR <= k.last
    GROUP BY h.actor
)
SELECT d.source, d.seq, 'actor' AS entity_kind, d.actor AS entity, s.at AS evidence_when
FROM done AS d
SEMI JOIN heavy AS h ON h.actor = d.actor AND h.night = d.night
JOIN said AS s ON s.actor = d.actor
