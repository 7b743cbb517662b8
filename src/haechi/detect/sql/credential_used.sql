-- Each credential that got through, and whether it ever changed its address.
CREATE OR REPLACE TEMP TABLE credential_used AS
SELECT credential, min(client_ip) <> max(client_ip) AS moves
FROM access
WHERE credential IS NOT NULL AND client_ip IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
GROUP BY credential;
