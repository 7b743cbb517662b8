-- The same where most of what was presented is vouched for by nobody: set against the vouched, which are fewer.
SELECT
    p.source, p.seq, p.time, p.issuer, p.key, p.client_ip, p.client, coalesce(p.status IN (401, 403), false) AS refused
FROM signed_access AS p
ANTI JOIN vouched_credential AS v ON v.credential = p.credential AND v.issuer = p.issuer /* slice: v.credential */
WHERE p.issuer IN (SELECT s.issuer FROM issuer_span AS s) /* slice: p.credential */
