-- Of the credentials that were presented, those that an issuer vouches for, and for whom. The issuance records are read
-- once, whatever their number, and what is kept is no larger than what was presented.
CREATE OR REPLACE TEMP TABLE vouched_credential AS
SELECT DISTINCT i.issuer, i.credential, i.actor
FROM issued_credential AS i
SEMI JOIN presented_credential AS p ON p.credential = i.credential /* slice: p.credential */
WHERE i.credential IS NOT NULL /* slice: i.credential */;
