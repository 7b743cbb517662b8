-- Accesses with a credential that its issuer never issued. A refused one (401, 403) counts only where the same address
-- also got through with such a credential of the same key: stale applications knock and are turned away every day.
CREATE OR REPLACE TEMP VIEW never_issued_access AS
WITH forged AS (
    SELECT * FROM unvouched_access ANTI JOIN mute_issuer USING (issuer) WHERE verdict = 'never'
),
let_in AS (SELECT DISTINCT issuer, coalesce(key, '') AS key, coalesce(client_ip, '') AS client_ip
           FROM forged WHERE NOT refused)
SELECT f.source, f.seq, f.time, f.issuer, f.key, f.client
FROM forged AS f
WHERE NOT f.refused
   OR (f.issuer, coalesce(f.key, ''), coalesce(f.client_ip, '')) IN (SELECT (issuer, key, client_ip) FROM let_in);
