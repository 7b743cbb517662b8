-- What was said of each account, right, session and version of a secret at one time: one row a thing and time.
-- Where two voices differ at the same time, alive outweighs unknown, and unknown outweighs dead.
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
        CASE state WHEN 'alive' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END AS rank,
        state,
        first,
        last,
        how,
        source,
        seq,
        evidence
    FROM fact
    WHERE kind IN ('account', 'grant', 'session', 'secret') AND time <= $at
)
SELECT
    kind,
    system,
    account,
    object,
    version,
    time,
    arg_min(state, (rank, source, seq)) AS state,
    arg_min(source, (rank, source, seq)) AS source,
    arg_min(seq, (rank, source, seq)) AS seq,
    arg_min(evidence, (rank, source, seq)) AS evidence,
    max(person) AS person,
    min(first) AS first,
    min(last) AS last,
    max(how) AS how
FROM said
GROUP BY ALL
