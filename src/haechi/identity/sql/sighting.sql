-- What was said of each thing at one time: one row a thing and time. Where two voices differ at the same time, alive
-- outweighs unknown, and unknown outweighs dead.
CREATE OR REPLACE TEMP TABLE sighting AS
WITH said AS (
    SELECT
        kind,
        coalesce(system, '') AS system,
        CASE WHEN kind = 'secret' THEN '' ELSE coalesce(account, '') END AS account,
        coalesce(object, '') AS object,
        CASE WHEN kind = 'secret' THEN unnest(string_split(coalesce(version, ''), ',')) ELSE '' END AS version,
        person,
        time,
        first,
        last,
        how,
        {
            'rank': CASE state WHEN 'alive' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END,
            'source': source,
            'seq': seq,
            'state': state,
            'evidence': evidence
        } AS voice
    FROM fact
    WHERE kind IN ('account', 'grant', 'session', 'secret') AND time <= $at
),
keyed AS MATERIALIZED (
    SELECT t.thing, s.kind, s.system, s.time, s.voice, s.person, s.first, s.last, s.how
    FROM said AS s
    JOIN thing AS t
        ON t.kind = s.kind AND t.system = s.system AND t.account = s.account AND t.object = s.object
        AND t.version = s.version
),
-- Few times have two voices. Only those pay for weighing them.
counted AS (SELECT thing, time, count(*) AS voices FROM keyed GROUP BY thing, time)
SELECT k.*
FROM keyed AS k
JOIN counted AS c ON c.thing = k.thing AND c.time = k.time AND c.voices = 1
UNION ALL
SELECT
    k.thing,
    any_value(k.kind) AS kind,
    any_value(k.system) AS system,
    k.time,
    min(k.voice) AS voice,
    max(k.person) AS person,
    min(k.first) AS first,
    min(k.last) AS last,
    max(k.how) AS how
FROM keyed AS k
JOIN counted AS c ON c.thing = k.thing AND c.time = k.time AND c.voices > 1
GROUP BY k.thing, k.time
