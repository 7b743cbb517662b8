/* ---
id = "key-in-a-persons-hands"
title = "A signing key that a person could read"
tier = "purpose"
severity = "high"
means = "Somebody of the list of people read or exported a signing key, or may read one. A key that makes everybody's tokens is for machines: each person who can read it can be anybody, and nothing but a new key takes that back."
normal = "Services read keys; their accounts are nobody's in the list of people. Signing by the vault (nobody sees the key) is left alone. An exposure ends only when the version is dead."
attack = ["T1552.004", "T1606.001"]
needs = ["fact", "person"]
sentence = "{evidence_persons:person|persons} could read {evidence_key} of {evidence_system}: {evidence_who}. First: {evidence_told}."
--- */
WITH held AS (
    SELECT f.system, f.object, unnest(string_split(coalesce(f.version, ''), ',')) AS version,
        coalesce(f.person, p.person) AS person, coalesce(f.how, 'told') AS how, least(f.time, f.first) AS since, f.time, f.evidence
    FROM fact AS f
    LEFT JOIN person_account AS p ON f.person IS NULL AND p.account = f.account AND p.system IN ('', coalesce(f.system, ''))
    WHERE f.kind = 'exposure' AND f.state = 'alive' AND f.how IS DISTINCT FROM 'signed'
),
kept AS (
    SELECT h.*,
        coalesce(list_position(['holds', 'exported', 'read', 'written', 'told', 'may-read'], h.how), 0) AS place
    FROM held AS h
    SEMI JOIN kept_key AS k ON k.system = h.system AND k.object = h.object AND h.version IN ('', k.version)
    WHERE h.person IS NOT NULL
),
-- One entry a person, with the plainest of the ways. Words of somebody's own list stand before all: a copy may be out.
plainest AS (
    SELECT system, object, min(place) AS place, person || ' (' || arg_min(how, (place, how)) || ')' AS who
    FROM kept
    GROUP BY system, object, person
),
named AS (
    SELECT system, object, list_slice(list(who ORDER BY place, who), 1, 10) AS who FROM plainest GROUP BY system, object
)
SELECT
    'key' AS entity_kind,
    h.system || ': ' || h.object AS entity,
    min(h.since) AS first_seen,
    max(h.time) AS last_seen,
    0 AS accesses,
    0 AS subjects,
    {
        'system': h.system,
        'key': h.object,
        'persons': count(DISTINCT h.person),
        'who': any_value(n.who),
        'told': arg_min(h.evidence, (h.since, h.evidence))
    } AS evidence
FROM kept AS h
JOIN named AS n ON n.system = h.system AND n.object = h.object
GROUP BY h.system, h.object
