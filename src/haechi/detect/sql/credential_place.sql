-- From how many places (address and client) a credential was used in an hour, for those that ever change their address.
CREATE OR REPLACE TEMP TABLE credential_place AS
SELECT a.credential, date_trunc('hour', a.time) AS hour, count(DISTINCT concat_ws(' ', a.client_ip, a.client)) AS places
FROM access AS a
SEMI JOIN (FROM credential_used WHERE moves) AS m ON m.credential = a.credential
WHERE a.client_ip IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
GROUP BY a.credential, date_trunc('hour', a.time);
