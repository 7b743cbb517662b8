/* ---
id = "never-issued"
title = "Credentials that were never issued"
tier = "provenance"
severity = "critical"
means = "A credential passed as genuine, but the issuer has no record of making it. Whoever made it holds the signing key, or found a way round the issuer."
normal = """
Tokens issued before the issuance log begins, accesses later than the log reaches, and accesses that a hole in a node's own count could explain are unknown: counted, never flagged.
A refused access (401, 403) counts only where the same address also got through with such a credential of the same key.
An access that does not name its issuer, where issuance of several is collected, is unknown too.
An issuer none of whose records matches any access is not judged at all: the two logs then hash different things.
"""
attack = ["T1606", "T1552.004", "T1550.001"]
needs = ["issuance"]
window = "day"
carry = """
-- A day on which an issuer vouches for nothing may be any day of a mute issuer's. One that was refused counts where the
-- same address got through on another day.
SELECT 'all' AS entity_kind, '' AS entity FROM mute_issuer
UNION ALL
SELECT DISTINCT CASE WHEN u.client_ip IS NULL THEN 'all' ELSE 'client_ip' END, u.client_ip
FROM unvouched_access AS u
ANTI JOIN never_issued_access AS n ON n.source = u.source AND n.seq = u.seq
WHERE u.verdict = 'never'
"""
actor_is_claimed = true
unknown = """
SELECT count(*), CASE verdict
    WHEN 'before' THEN 'perhaps with a credential from before the issuance log begins'
    WHEN 'after' THEN 'after the last issuance record'
    WHEN 'hole' THEN 'perhaps with a credential whose issuance record is known to be missing'
END
FROM unvouched_access ANTI JOIN mute_issuer USING (issuer) WHERE verdict <> 'never' GROUP BY verdict
UNION ALL
SELECT sum(accesses), 'of an issuer whose records match no access at all' FROM mute_issuer
HAVING count(*) > 0
UNION ALL
SELECT sum(accesses)::BIGINT, 'of an issuer that is not told, where issuance of several is collected' FROM presented_credential
WHERE issuer IS NULL AND (SELECT count(*) FROM issuer_span) > 1
HAVING count(*) > 0
"""

[sentence]
key = "{accesses:request} carried {credentials:token} signed with key {entity} that its issuer never issued."
any = "{accesses:request} carried {credentials:credential} that {kind} {entity} never issued."

[clause]
key = "{credentials:token} signed with key {entity} were never issued"
any = "{credentials:credential} of {kind} {entity} were never issued"
--- */
SELECT
    source,
    seq,
    CASE WHEN key IS NOT NULL THEN 'key' WHEN issuer <> '' THEN 'issuer' ELSE 'client' END AS entity_kind,
    coalesce(key, nullif(issuer, ''), client, 'unknown') AS entity,
    nullif(issuer, '') AS evidence_issuer
FROM never_issued_access
