/* ---
id = "new-network-reads-all"
title = "A new network, and everything is read"
tier = "behaviour"
severity = "high"
means = "A role or account was used from networks that it had never used before, and there it opened many times as many different things as it ever does: its credentials are in other hands, and whoever holds them takes stock."
normal = """
People travel and services move: a new network alone says nothing, and neither does a country. It takes a new network and far more different things (paths, objects, people) than on the account's usual days, factor times its median.
An account seen on fewer than min_days earlier days has no known networks. One whose networks change all the time (more than half of its days bring a new one) is not judged.
"""
attack = ["T1078.004", "T1530", "T1619"]
needs = ["access"]
window = "day"
carry = """
-- Who worked on these days and, on one of them or beside them, came from a new network often enough to open so many things.
WITH busy AS (
    SELECT w.actor, w.day
    FROM work_network AS w
    JOIN network_since AS n ON n.actor = w.actor AND n.network = w.network AND w.day < n.since + 30
    WHERE n.days_before >= $min_days AND n.moving <= 0.5
    GROUP BY w.actor, w.day
    HAVING sum(w.accesses) >= $min_things
)
SELECT DISTINCT 'actor' AS entity_kind, b.actor AS entity
FROM busy AS b CROSS JOIN looked AS k
WHERE b.day BETWEEN k.first - INTERVAL 1 DAY AND k.last + INTERVAL 1 DAY AND b.actor IN (SELECT a.actor FROM work AS a)
"""
sentence = "{entity} came from {evidence_networks}, new to it, and opened {evidence_things} different things in {accesses:request}."
clause = "{entity} came from a new network and opened {evidence_things} different things"

[params.min_things]
default = 20
unit = "different things a day"
meaning = "Fewer are a day's work."

[params.factor]
default = 3.0
unit = "times the account's usual day"
meaning = "So many more different things than its median day."

[params.min_days]
default = 10
unit = "days"
meaning = "Fewer days tell no network of its own."
--- */
WITH used AS NOT MATERIALIZED (
    SELECT
        a.source, a.seq, a.actor, a.day, client_network(a.client_ip) AS network,
        a.path, a.host, a.route, a.subject
    FROM working AS a
    WHERE a.client_ip IS NOT NULL
),
-- Networks first used after the account had a past, by accounts that seldom bring a new one.
new_network AS (
    SELECT actor, network, since FROM network_since WHERE days_before >= $min_days AND moving <= 0.5
),
-- Different things a day, only for accounts that have such a network at all.
thing_day AS (
    SELECT actor, day, is_new, count(*) AS things
    FROM (
        SELECT DISTINCT
            u.actor, u.day, n.network IS NOT NULL AS is_new,
            coalesce(u.path, concat_ws(' ', u.host, u.route, u.subject)) AS thing
        FROM used AS u
        LEFT JOIN new_network AS n ON n.actor = u.actor AND n.network = u.network AND u.day < n.since + 30
        WHERE u.actor IN (SELECT x.actor FROM new_network AS x)
    )
    GROUP BY ALL
),
usual AS (SELECT actor, median(things) AS things FROM thing_day WHERE NOT is_new GROUP BY actor),
flagged AS (
    SELECT t.actor, t.day, t.things
    FROM thing_day AS t JOIN usual AS o USING (actor)
    WHERE t.is_new AND t.things >= $min_things AND t.things >= $factor * o.things
)
SELECT
    w.source, w.seq, 'actor' AS entity_kind, w.actor AS entity,
    max(f.things) OVER (PARTITION BY w.actor) AS evidence_things,
    CASE WHEN count(DISTINCT n.network) OVER (PARTITION BY w.actor) = 1 THEN 'a network'
        ELSE count(DISTINCT n.network) OVER (PARTITION BY w.actor) || ' networks' END AS evidence_networks
FROM work AS w
JOIN flagged AS f ON f.actor = w.actor AND w.day BETWEEN f.day - 1 AND f.day + 1
JOIN used AS u ON u.source = w.source AND u.seq = w.seq
JOIN new_network AS n ON n.actor = u.actor AND n.network = u.network
