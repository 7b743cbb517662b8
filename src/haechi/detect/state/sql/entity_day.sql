-- How often a credential, key, account, client or address asked on a local day.
SELECT
    'credential' AS entity_kind, lower(hex(credential)) AS entity, day,
    sum(requests)::BIGINT AS requests, sum(personal)::BIGINT AS personal, max(told) AS told
FROM state_step WHERE credential IS NOT NULL
GROUP BY credential, day
UNION ALL
SELECT 'key', key, day, sum(requests)::BIGINT, sum(personal)::BIGINT, max(told)
FROM state_step WHERE key IS NOT NULL
GROUP BY key, day
UNION ALL
SELECT 'actor', actor, day, sum(requests)::BIGINT, sum(personal)::BIGINT, max(told)
FROM state_step WHERE actor IS NOT NULL
GROUP BY actor, day
UNION ALL
SELECT 'client_ip', client_ip, day, sum(requests)::BIGINT, sum(personal)::BIGINT, max(told)
FROM state_step WHERE client_ip IS NOT NULL
GROUP BY client_ip, day
UNION ALL
SELECT 'client', client, day, sum(requests)::BIGINT, sum(personal)::BIGINT, max(told)
FROM state_step WHERE client IS NOT NULL
GROUP BY client, day
