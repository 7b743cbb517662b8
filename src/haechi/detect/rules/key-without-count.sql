/* ---
id = "key-without-count"
title = "A signing key without a count of what it made"
tier = "purpose"
severity = "medium"
means = "A vault signs with a key whose issuer keeps no record of the credentials that it makes. Nobody can tell a token that was made by the way from an honest one, nor count what was signed against what was issued."
normal = "Name the source of the issuer's own records with `issuance`. A key that no system was seen signing with is left alone."
attack = ["T1606.001"]
needs = ["fact", "key_setting"]
sentence = "{evidence_key} of {evidence_issuer} signed {evidence_signed:time} from {first} to {last}, and no record tells what for."
--- */
SELECT
    'key' AS entity_kind,
    k.issuer || ': ' || k.kid AS entity,
    min(f.time) AS first_seen,
    max(f.time) AS last_seen,
    0 AS accesses,
    0 AS subjects,
    {
        'key': k.kid,
        'issuer': k.issuer,
        'signed': count(*),
        'accounts': list_slice(list_sort(list(DISTINCT coalesce(f.account, ''))), 1, 10)
    } AS evidence
FROM fact AS f
JOIN key_setting AS k ON k.secret IN (f.object, f.object || ':' || coalesce(f.version, ''))
JOIN issuer_setting AS s ON s.issuer = k.issuer
WHERE f.kind = 'exposure' AND f.how = 'signed'
    AND NOT EXISTS (FROM issuance AS i WHERE i.source = s.issuance_source)
GROUP BY k.issuer, k.kid
