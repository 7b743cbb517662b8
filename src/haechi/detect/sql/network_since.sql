-- Since when an account at work has come from each network, on how many days it was seen before that, and on which share of
-- its days it brings a new one.
CREATE OR REPLACE TEMP TABLE network_since AS
WITH known AS (SELECT actor, network, min(day) AS since FROM work_network GROUP BY ALL),
actor_day AS (
    SELECT
        n.actor, n.day, bool_or(k.since = n.day) AS brings_new,
        row_number() OVER (PARTITION BY n.actor ORDER BY n.day) - 1 AS days_before
    FROM work_network AS n JOIN known AS k USING (actor, network)
    GROUP BY n.actor, n.day
)
SELECT k.actor, k.network, k.since, d.days_before, m.moving
FROM known AS k
JOIN actor_day AS d ON d.actor = k.actor AND d.day = k.since
JOIN (SELECT actor, count(*) FILTER (brings_new) / count(*) AS moving FROM actor_day GROUP BY actor) AS m ON m.actor = k.actor;
