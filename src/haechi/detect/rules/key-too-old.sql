/* ---
id = "key-too-old"
title = "A key older than policy allows"
tier = "purpose"
severity = "low"
means = "A version of a key has been in use for longer than the policy allows. The older a key, the more people could read it, and the more have left since."
normal = "A version that is kept only to read old data is alive as well: raise the vault's lowest version for it, or the policy's age."
attack = ["T1552.004"]
needs = ["fact"]
sentence = "{evidence_key} of {evidence_system}, version {evidence_version}, is {evidence_days:day} old; the policy allows {evidence_allowed:day}."

[params.oldest]
default = "1y"
unit = "duration"
meaning = "How old a version of a key may become."
--- */
SELECT
    'key' AS entity_kind,
    system || ': ' || object || CASE WHEN version <> '' THEN ' version ' || version ELSE '' END AS entity,
    made AS first_seen,
    time AS last_seen,
    0 AS accesses,
    0 AS subjects,
    {
        'system': system,
        'key': object,
        'version': version,
        'days': date_diff('day', made, time),
        'allowed': (epoch($oldest) / 86400)::BIGINT
    } AS evidence
FROM kept_key
WHERE made IS NOT NULL AND time > made + $oldest
