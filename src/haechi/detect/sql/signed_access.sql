-- Accesses that presented a credential, with the issuer that must answer for it. Where the access does not name its
-- issuer and exactly one issuer's issuance is collected, that one must; other accesses cannot be judged.
CREATE OR REPLACE TEMP VIEW signed_access AS
SELECT
    a.source, a.seq, a.time, a.credential, a.key, a.client_ip, a.client, a.actor, a.actor_kind, a.status, a.subjects,
    nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403) AS personal,
    coalesce(a.issuer, (SELECT any_value(s.issuer) FROM issuer_span AS s HAVING count(*) = 1)) AS issuer
FROM access AS a
WHERE a.credential IS NOT NULL AND a.time IS NOT NULL;
