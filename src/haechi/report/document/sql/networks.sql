-- Networks by their requests that showed personal data. Where no file tells an owner, a network is the first three numbers
-- of an address, or the first 48 bits of a long one.
WITH flagged AS (SELECT client_ip, sum(shown)::BIGINT AS flagged FROM report_flag GROUP BY client_ip)
SELECT
    coalesce(n.owner, a.net) AS name,
    CASE WHEN count(DISTINCT n.country) = 1 THEN min(n.country) END AS country,
    count(*) AS addresses,
    sum(a.shown)::BIGINT AS shown,
    coalesce(sum(f.flagged), 0)::BIGINT AS flagged
FROM (
    SELECT
        *,
        CASE
            WHEN contains(client_ip, ':')
                THEN regexp_extract(client_ip, '^[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F]*') || '::/48'
            ELSE rtrim(client_ip, '0123456789') || '0/24'
        END AS net
    FROM report_address
) AS a
LEFT JOIN report_network AS n ON n.client_ip = a.client_ip
LEFT JOIN flagged AS f ON f.client_ip = a.client_ip
GROUP BY coalesce(n.owner, a.net)
ORDER BY flagged DESC, shown DESC, name
LIMIT {most}
