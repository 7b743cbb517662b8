-- Presented credentials that no issuance record of their issuer holds. An access whose issuer is unknown cannot be judged.
CREATE OR REPLACE TEMP TABLE unvouched_credential AS
SELECT p.issuer, p.credential, sum(p.accesses)::BIGINT AS accesses
FROM presented_credential AS p
ANTI JOIN vouched_credential AS v ON v.issuer = p.issuer AND v.credential = p.credential
WHERE p.issuer IN (SELECT s.issuer FROM issuer_span AS s)
GROUP BY p.issuer, p.credential;
