-- Issuers none of whose records vouches for any access: far likelier two ways of hashing the same credential, or
-- issuance of another kind, than a world in which everything is forged. Not judged, and said so.
CREATE OR REPLACE TEMP TABLE mute_issuer AS
SELECT p.issuer, p.accesses
FROM (SELECT a.issuer, count(*) AS accesses FROM signed_access AS a SEMI JOIN issuer_span USING (issuer) GROUP BY ALL) AS p
JOIN (SELECT issuer, count(*) AS accesses FROM unvouched_access GROUP BY ALL) AS u USING (issuer, accesses);
