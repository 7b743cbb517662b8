-- Signing and encryption keys as systems told of them last, a row a version that is alive: those of a vault's key
-- engines, and whatever haechi.toml names as the secret of a signing key.
CREATE OR REPLACE TEMP TABLE kept_key AS
WITH told AS (
    SELECT
        system,
        object,
        unnest(string_split(coalesce(version, ''), ',')) AS version,
        time,
        state,
        first,
        how,
        evidence,
        seq
    FROM fact
    WHERE kind = 'secret' AND object IS NOT NULL
),
whole AS (SELECT system, max(time) AS listed FROM fact WHERE kind = 'listing' AND object = 'secret' GROUP BY system),
latest AS (
    SELECT
        system,
        object,
        version,
        max(time) AS time,
        arg_max(state, (time, seq)) AS state,
        least(min(time), min(first)) AS since,
        min(first) AS made,
        arg_max(how, (time, seq)) AS how,
        arg_max(evidence, (time, seq)) AS evidence
    FROM told
    GROUP BY system, object, version
)
SELECT t.* EXCLUDE (state)
FROM latest AS t
LEFT JOIN whole AS w ON w.system = t.system
WHERE t.state = 'alive'
    -- A later list of all secrets that does not name it: it is gone.
    AND coalesce(t.time >= w.listed, true)
    AND (
        contains('/' || t.object, '/keys/')
        OR t.object IN (SELECT regexp_replace(secret, ':[^:/]*$', '') FROM key_setting WHERE secret IS NOT NULL)
    );
