/* ---
id = "outside-key-life"
title = "Keys used outside their service life"
tier = "provenance"
severity = "critical"
means = "A signing key made credentials good before it was in service or after it was retired, or a key that its issuer does not list did."
normal = """
What a key signed in time may be used until its life ends: a retired key is flagged only token-life after its end.
Refused accesses (401, 403) are left alone: old applications go on presenting what they have.
An issuer that lists no keys is not judged for unknown ones.
"""
attack = ["T1606", "T1552.004"]
needs = ["key_setting"]
window = "day"
actor_is_claimed = true
sentence = "{accesses:request} passed with key {entity} outside its service life ({evidence_why}), from {first} to {last}."
clause = "key {entity} was used outside its service life ({evidence_why})"
--- */
WITH listed AS (
    -- An access that names no issuer belongs to the only issuer that lists its key.
    SELECT kid, any_value(issuer) AS issuer FROM key_setting GROUP BY kid HAVING count(*) = 1
),
used AS (
    SELECT a.source, a.seq, a.time, a.key, coalesce(a.issuer, l.issuer, o.issuer) AS issuer
    FROM access AS a
    LEFT JOIN listed AS l ON l.kid = a.key
    LEFT JOIN (
        SELECT any_value(issuer) AS issuer FROM issuer_setting HAVING count(*) = 1
    ) AS o ON true
    WHERE a.key IS NOT NULL AND a.time IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
)
SELECT
    u.source,
    u.seq,
    'key' AS entity_kind,
    u.key AS entity,
    CASE
        WHEN k.kid IS NULL THEN 'its issuer does not list it'
        WHEN u.time < k.not_before THEN 'not in service before ' || strftime(k.not_before, '%Y-%m-%d %H:%M')
        ELSE 'retired ' || strftime(k.not_after, '%Y-%m-%d %H:%M')
    END AS evidence_why,
    u.issuer AS evidence_issuer
FROM used AS u
JOIN issuer_setting AS i ON i.issuer = u.issuer
LEFT JOIN key_setting AS k ON k.issuer = u.issuer AND k.kid = u.key
WHERE
    (k.kid IS NULL AND u.issuer IN (SELECT issuer FROM key_setting))
    OR u.time < k.not_before
    OR u.time > k.not_after + to_microseconds(i.token_life_us)
