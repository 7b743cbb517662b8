/* ---
id = "key-can-be-taken"
title = "A key that can be taken out"
tier = "purpose"
severity = "medium"
means = "A vault keeps a key that it gives out: exportable, or lying in the open. Whoever may read it can copy it, and the copy signs as well as the key, out of sight and for as long as the key is believed."
normal = "Keys that never leave their vault (it signs, and gives nothing out). A key that was made exportable to be moved once cannot be made otherwise again: make a new one."
attack = ["T1552.004"]
needs = ["fact"]
sentence = "{evidence_key} of {evidence_system} can be taken out ({evidence_how}), {evidence_versions:version}; {evidence_persons:person|persons} and {evidence_accounts:account} of nobody known may read it or have taken it."
--- */
WITH held AS (
    SELECT f.system, f.object, unnest(string_split(coalesce(f.version, ''), ',')) AS version, f.account,
        coalesce(f.person, p.person) AS person
    FROM fact AS f
    LEFT JOIN person_account AS p ON f.person IS NULL AND p.account = f.account AND p.system IN ('', coalesce(f.system, ''))
    WHERE f.kind = 'exposure' AND f.state = 'alive' AND f.how IS DISTINCT FROM 'signed'
),
-- Persons are counted as the rule key-in-a-persons-hands does, whatever the number of their accounts.
reader AS (
    SELECT h.system, h.object, count(DISTINCT h.person) AS persons,
        count(DISTINCT h.account) FILTER (h.person IS NULL) AS accounts
    FROM held AS h
    SEMI JOIN kept_key AS k ON k.system = h.system AND k.object = h.object AND h.version IN ('', k.version)
    GROUP BY h.system, h.object
)
SELECT
    'key' AS entity_kind,
    k.system || ': ' || k.object AS entity,
    min(k.since) AS first_seen,
    max(k.time) AS last_seen,
    0 AS accesses,
    0 AS subjects,
    {
        'system': k.system,
        'key': k.object,
        'how': any_value(k.how),
        'versions': count(*),
        'persons': coalesce(any_value(r.persons), 0),
        'accounts': coalesce(any_value(r.accounts), 0),
        'told': any_value(k.evidence)
    } AS evidence
FROM kept_key AS k
LEFT JOIN reader AS r ON r.system = k.system AND r.object = k.object
WHERE k.how IN ('exportable', 'at-rest', 'plain')
GROUP BY k.system, k.object
