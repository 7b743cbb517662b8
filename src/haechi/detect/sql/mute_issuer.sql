-- Issuers none of whose records vouches for any access: far likelier two ways of hashing the same credential, or
-- issuance of another kind, than a world in which everything is forged. Not judged, and said so.
CREATE OR REPLACE TEMP TABLE mute_issuer AS
SELECT p.issuer, p.accesses
FROM (SELECT issuer, sum(accesses)::BIGINT AS accesses FROM presented_credential GROUP BY issuer) AS p
JOIN (SELECT issuer, count(*) AS accesses FROM unvouched_signed GROUP BY issuer) AS u USING (issuer, accesses);
