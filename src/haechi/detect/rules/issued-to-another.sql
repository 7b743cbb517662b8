/* ---
id = "issued-to-another"
title = "Credentials that were issued to somebody else"
tier = "provenance"
severity = "critical"
means = "The credential was issued, but to another account than the one it now stands for: a re-signed token with a real token's id, or a session that changed hands."
normal = """
A credential issued again to the same account, and records that name no account, are left alone.
Where more than max_share of an issuer's accesses differ, the two logs name accounts in different ways, and nothing is flagged.
Staff who may act as a customer do so by design: keep that in the issuance records, or list those accounts in declared.
"""
attack = ["T1550", "T1539"]
needs = ["issuance"]
window = "day"
carry = """
-- Who is taken for another's holder is judged against all accesses of the issuer.
SELECT 'all' AS entity_kind, '' AS entity FROM holder_use
WHERE NOT same AND actor NOT IN (SELECT unnest($declared::VARCHAR[]))
"""
actor_is_claimed = true
unknown = """
SELECT accesses, 'naming accounts otherwise than the issuance records do' FROM
(SELECT sum(accesses)::BIGINT AS accesses, coalesce(sum(accesses) FILTER (NOT same), 0) AS other FROM holder_use)
WHERE other > $max_share * accesses
"""

[sentence]
any = "{accesses:request} used {credentials:credential} ({kind} {entity}) as an account to which they were never issued."

[clause]
any = "{credentials:credential} stood for an account to which they were never issued"

[params.max_share]
default = 0.5
unit = "share of accesses"
meaning = "Above this share of an issuer's accesses, a difference is a matter of naming and not of theft."

[params.declared]
default = []
unit = "accounts"
meaning = "Accounts that may act with credentials issued to others."
--- */
WITH judged AS (
    SELECT issuer
    FROM holder_use
    GROUP BY issuer
    HAVING coalesce(sum(accesses) FILTER (NOT same), 0) <= $max_share * sum(accesses)
),
strange AS (
    SELECT issuer, credential, actor
    FROM holder_use SEMI JOIN judged USING (issuer)
    WHERE NOT same AND actor NOT IN (SELECT unnest($declared::VARCHAR[]))
)
SELECT
    source,
    seq,
    CASE WHEN key IS NOT NULL THEN 'key' ELSE 'credential' END AS entity_kind,
    coalesce(key, lower(hex(credential))) AS entity
FROM signed_access AS a
SEMI JOIN strange AS s ON s.credential = a.credential AND s.issuer = a.issuer AND s.actor = a.actor
WHERE coalesce(status, 0) NOT IN (401, 403)
