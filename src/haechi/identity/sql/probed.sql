-- The last answer of each probe, since when it answers so, and when it was last seen alive.
CREATE OR REPLACE TEMP TABLE probed AS
WITH answer AS (
    SELECT
        object AS name,
        coalesce(system, '') AS system,
        how AS kind,
        coalesce(account, '') AS account,
        coalesce(version, '') AS target,
        time,
        state,
        source,
        seq,
        evidence
    FROM fact
    WHERE kind = 'probe' AND time <= $at
),
latest AS (
    SELECT
        name,
        system,
        max(time) AS asked,
        arg_max(state, (time, source, seq)) AS state,
        arg_max(kind, (time, source, seq)) AS kind,
        arg_max(account, (time, source, seq)) AS account,
        arg_max(target, (time, source, seq)) AS target,
        arg_max(source, (time, source, seq)) AS source,
        arg_max(seq, (time, source, seq)) AS seq,
        arg_max(evidence, (time, source, seq)) AS evidence,
        min(CASE WHEN state = 'alive' THEN time END) AS first_alive,
        max(CASE WHEN state = 'alive' THEN time END) AS seen
    FROM answer
    GROUP BY name, system
)
SELECT
    l.*,
    (
        SELECT min(a.time) FROM answer AS a
        WHERE a.name = l.name AND a.system = l.system AND a.state = 'dead' AND coalesce(a.time > l.seen, true)
    ) AS gone
FROM latest AS l
