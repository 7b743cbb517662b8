-- Issuance records with the issuer resolved: as the record names it, else the issuer whose `issuance` setting names
-- the source, else the only issuer of the settings, else the nameless one.
CREATE OR REPLACE TEMP VIEW issued AS
SELECT
    coalesce(
        i.issuer, s.issuer, (SELECT any_value(o.issuer) FROM issuer_setting AS o HAVING count(*) = 1), ''
    ) AS issuer,
    i.time, i.node, i.node_seq, i.credential, i.token_id, i.actor, i.expires
FROM issuance AS i
LEFT JOIN (
    -- Two issuers may share a source; then only the record itself can tell which.
    SELECT issuance_source, any_value(issuer) AS issuer
    FROM issuer_setting WHERE issuance_source <> '' GROUP BY ALL HAVING count(*) = 1
) AS s ON s.issuance_source = i.source;
