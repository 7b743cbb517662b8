-- Who could read or use which version of a secret, from when, and what tells it first. One row a person (or account
-- that is nobody's), secret, version and way. It never ends here: it ends when the version dies.
--
--   how        exported, read, written, signed, may-read, ... ; named: haechi.toml names the person as a reader
--   since      since when; seen: when it was last told
CREATE OR REPLACE TEMP TABLE exposure AS
WITH told AS (
    SELECT
        coalesce(f.system, '') AS system,
        f.person,
        f.account,
        f.object,
        unnest(string_split(coalesce(f.version, ''), ',')) AS version,
        coalesce(f.how, 'told') AS how,
        least(f.time, f.first) AS since,
        f.time,
        f.source,
        f.seq,
        f.evidence
    FROM fact AS f
    WHERE f.kind = 'exposure' AND f.state = 'alive' AND f.time <= $at
),
whose AS (
    SELECT t.* REPLACE (coalesce(t.person, p.person) AS person)
    FROM told AS t
    LEFT JOIN person_account AS p
        ON t.person IS NULL AND p.account = t.account AND p.system IN ('', t.system)
),
versioned AS (
    SELECT w.* REPLACE (coalesce(v.version, w.version) AS version)
    FROM whose AS w
    -- Whoever took all versions took those that there were.
    LEFT JOIN (
        SELECT system, object, version, min(since) AS since
        FROM lived
        WHERE kind = 'secret' AND version <> ''
        GROUP BY ALL
    ) AS v
        ON w.version = '' AND v.system = w.system AND v.object = w.object AND coalesce(v.since <= w.time, true)
)
SELECT
    person,
    account,
    system,
    object,
    version,
    how,
    min(since) AS since,
    max(time) AS seen,
    arg_min(source, (since, source, seq)) AS source,
    arg_min(seq, (since, source, seq)) AS seq,
    arg_min(evidence, (since, source, seq)) AS evidence
FROM versioned
GROUP BY person, account, system, object, version, how
