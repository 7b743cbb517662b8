-- Which credentials an issuer vouches for. A record vouches by the credential's hash, and by its token id, which
-- accesses that know only the token id (jti) are hashed from.
CREATE OR REPLACE TEMP VIEW issued_credential AS
SELECT issuer, credential, actor FROM issued WHERE credential IS NOT NULL
UNION ALL
SELECT issuer, token_hash, actor
FROM (SELECT *, unhex(left(sha256(token_id), 32)) AS token_hash FROM issued WHERE token_id IS NOT NULL)
WHERE credential IS DISTINCT FROM token_hash;
