-- Accesses with a credential that its issuer does not vouch for, where these are few: found among what was presented,
-- once each, and only then looked up.
SELECT
    p.source, p.seq, p.time, p.issuer, p.key, p.client_ip, p.client, coalesce(p.status IN (401, 403), false) AS refused
FROM signed_access AS p
JOIN unvouched_credential AS u ON u.credential = p.credential AND u.issuer = p.issuer
