-- Who was let in with an issued credential, once each account, and whether any record of the credential names that account.
CREATE OR REPLACE TEMP TABLE holder_use AS
SELECT u.issuer, u.credential, u.actor, u.accesses, bool_or(v.actor = u.actor) AS same
FROM (
    SELECT issuer, credential, actor, sum(accesses)::BIGINT AS accesses
    FROM presented_credential
    WHERE actor IS NOT NULL AND NOT refused /* slice: credential */
    GROUP BY issuer, credential, actor
) AS u
JOIN vouched_credential AS v ON v.issuer = u.issuer AND v.credential = u.credential
WHERE v.actor IS NOT NULL /* slice: v.credential */
GROUP BY u.issuer, u.credential, u.actor, u.accesses;
