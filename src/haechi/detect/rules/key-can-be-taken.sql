/* ---
id = "key-can-be-taken"
title = "A key that can be taken out"
tier = "purpose"
severity = "medium"
means = "A vault keeps a key that it gives out: exportable, or lying in the open. Whoever may read it can copy it, and the copy signs as well as the key, out of sight and for as long as the key is believed."
normal = "Keys that never leave their vault (it signs, and gives nothing out). A key that was made exportable to be moved once cannot be made otherwise again: make a new one."
attack = ["T1552.004"]
needs = ["fact"]
sentence = "{evidence_key} of {evidence_system} can be taken out ({evidence_how}), {evidence_versions:version}; {evidence_persons:person|persons} may read it or have taken it."
--- */
WITH reader AS (
    SELECT system, object, count(DISTINCT coalesce(person, account)) AS persons
    FROM fact
    WHERE kind = 'exposure' AND state = 'alive' AND how IS DISTINCT FROM 'signed'
    GROUP BY system, object
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
        'told': any_value(k.evidence)
    } AS evidence
FROM kept_key AS k
LEFT JOIN reader AS r ON r.system = k.system AND r.object = k.object
WHERE k.how IN ('exportable', 'at-rest', 'plain')
GROUP BY k.system, k.object
