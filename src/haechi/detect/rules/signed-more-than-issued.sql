/* ---
id = "signed-more-than-issued"
title = "A key that signed more than was issued"
tier = "provenance"
severity = "high"
means = "The vault signed more often with a key than its issuer made credentials with it, in the time for which both logs tell. Who may sign can mint tokens that last beyond their stay."
normal = "An issuer signs other things as well (logout tokens, metadata): allow for them with `spare`. Signing for a key that no issuer of haechi.toml has is not compared."
attack = ["T1606.001"]
needs = ["fact", "key_setting", "issuance"]
sentence = "{evidence_key} signed {evidence_signed:time} from {first} to {last}; only {evidence_issued:credential|credentials} of it were issued."

[params.spare]
default = 0.01
unit = "share"
meaning = "Which share of signatures above the number of credentials issued is for other things."
--- */
WITH signature AS (
    SELECT k.issuer, k.kid, f.time, coalesce(f.account, '') AS account
    FROM fact AS f
    JOIN key_setting AS k
        ON k.secret IN (f.object, f.object || ':' || coalesce(f.version, ''))
    WHERE f.kind = 'exposure' AND f.how = 'signed'
),
counted AS (
    SELECT issuer, kid, min(time) AS first, max(time) AS last, list(DISTINCT account) AS accounts
    FROM signature
    GROUP BY issuer, kid
),
kept AS (
    SELECT s.issuer, min(i.time) AS first, max(i.time) AS last
    FROM issuer_setting AS s
    JOIN issuance AS i ON i.source = s.issuance_source
    GROUP BY s.issuer
),
overlap AS (
    SELECT c.issuer, c.kid, c.accounts, greatest(c.first, k.first) AS first, least(c.last, k.last) AS last
    FROM counted AS c
    JOIN kept AS k ON k.issuer = c.issuer
),
compared AS (
    SELECT
        b.*,
        (
            SELECT count(*) FROM signature AS s
            WHERE s.issuer = b.issuer AND s.kid = b.kid AND s.time BETWEEN b.first AND b.last
        ) AS signed,
        (
            SELECT count(*) FROM issuance AS i
            JOIN issuer_setting AS s ON s.issuance_source = i.source
            WHERE s.issuer = b.issuer AND coalesce(i.key, b.kid) = b.kid
                -- The issuer notes a moment later what the vault signed.
                AND i.time BETWEEN b.first - INTERVAL 1 MINUTE AND b.last + INTERVAL 1 MINUTE
        ) AS issued
    FROM overlap AS b
)
SELECT
    'key' AS entity_kind,
    issuer || ': ' || kid AS entity,
    first AS first_seen,
    last AS last_seen,
    0 AS accesses,
    0 AS subjects,
    {
        'key': kid,
        'issuer': issuer,
        'signed': signed,
        'issued': issued,
        'accounts': list_slice(list_sort(accounts), 1, 10)
    } AS evidence
FROM compared
WHERE signed > issued * (1 + $spare)
