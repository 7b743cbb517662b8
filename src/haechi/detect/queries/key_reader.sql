-- Who could read or sign with which key, and what tells it: as haechi.toml names readers, and as the facts about
-- accounts and secrets say. One row a key and person: the plainest way, and of that the first time.
--
--   how      exported, read, written, signed, may-read, named (by haechi.toml)
--   since    when it is first known; NULL where haechi.toml names the reader
--   told     what tells it: an entry of an audit log, a policy
CREATE OR REPLACE TEMP TABLE key_reader AS
WITH told AS (
    SELECT
        f.time, coalesce(f.system, '') AS system, f.object, unnest(string_split(coalesce(f.version, ''), ',')) AS version,
        coalesce(f.how, 'told') AS how, least(f.time, f.first) AS since, f.evidence, f.account, f.person, f.source, f.seq
    FROM fact AS f
    WHERE f.kind = 'exposure' AND f.state = 'alive'
),
reader AS (
    SELECT k.issuer, k.kid, coalesce(t.person, p.person) AS person, t.how, t.since, t.evidence AS told
    FROM told AS t
    JOIN key_setting AS k
        ON k.secret IN (t.object, t.object || ':' || t.version) OR k.kid = t.object
        OR (t.version = '' AND starts_with(k.secret, t.object || ':'))
    LEFT JOIN person_account AS p ON t.person IS NULL AND p.account = t.account AND p.system IN ('', t.system)
    UNION ALL
    SELECT issuer, kid, person, 'named', NULL, NULL FROM key_reader_setting
)
SELECT issuer, kid, person, how, since, told
FROM reader
WHERE person IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY issuer, kid, person
    ORDER BY
        list_position(['exported', 'read', 'written', 'signed', 'may-read', 'named'], how) NULLS LAST, since, told
) = 1
