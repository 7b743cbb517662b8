-- Whose data was asked for with a credential, key, account, client or address on a local day: each person once.
SELECT DISTINCT 'credential' AS entity_kind, lower(hex(credential)) AS entity, day, subject
FROM state_step WHERE credential IS NOT NULL AND subject IS NOT NULL
UNION ALL
SELECT DISTINCT 'key', key, day, subject FROM state_step WHERE key IS NOT NULL AND subject IS NOT NULL
UNION ALL
SELECT DISTINCT 'actor', actor, day, subject FROM state_step WHERE actor IS NOT NULL AND subject IS NOT NULL
UNION ALL
SELECT DISTINCT 'client_ip', client_ip, day, subject
FROM state_step WHERE client_ip IS NOT NULL AND subject IS NOT NULL
UNION ALL
SELECT DISTINCT 'client', client, day, subject FROM state_step WHERE client IS NOT NULL AND subject IS NOT NULL
