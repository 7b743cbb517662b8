-- Accesses with an issued credential, and whether any of its records names the account that now acts.
CREATE OR REPLACE TEMP TABLE holder_access AS
WITH holder AS (
    -- One row a credential: without it a credential issued twice would flag its accesses twice.
    SELECT issuer, credential, list(DISTINCT actor) AS actors
    FROM issued_credential WHERE actor IS NOT NULL GROUP BY ALL
)
SELECT a.source, a.seq, a.issuer, a.key, a.credential, a.actor, list_contains(h.actors, a.actor) AS same
FROM signed_access AS a JOIN holder AS h USING (issuer, credential)
WHERE a.actor IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403);
