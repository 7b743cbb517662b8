/* ---
id = "honey-key-used"
title = "A token of the honey key"
tier = "provenance"
severity = "critical"
means = "Somebody presented a token of a signing key that was published and never signs. Where the token passed, its signature was good: its maker has the private half, which lies in the vault alone, so the vault was read."
normal = """
Nothing honest bears this key.
Its name is published, so anybody can put it into a token with a worthless signature: tokens that were all refused prove nothing about the vault.
"""
attack = ["T1606", "T1552.004"]
needs = ["honey_key", "access"]
window = "day"
actor_is_claimed = true
sentence = "{accesses:request} bore the honey key {entity}, from {first} to {last}: {evidence_proof}."
clause = "honey key {entity} was used: {evidence_proof}"
--- */
WITH bearing AS (
    -- A redirect leads to a log-in page as well as to what was asked for: it tells neither.
    SELECT a.source, a.seq, a.key, coalesce(a.status BETWEEN 200 AND 299, false) AS passed
    FROM access AS a
    -- A record that names no issuer may be of any.
    SEMI JOIN honey_key AS h ON h.kid = a.key AND (a.issuer IS NULL OR h.issuer = a.issuer)
)
SELECT
    source,
    seq,
    'key' AS entity_kind,
    key AS entity,
    CASE
        WHEN bool_or(passed) OVER (PARTITION BY key)
            THEN 'tokens passed, so their signatures were good and the vault was read'
        ELSE 'none is known to have passed, so no record tells whether the signatures were good'
    END AS evidence_proof
FROM bearing
