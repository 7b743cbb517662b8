-- Networks by their requests that showed personal data. Where no file tells an owner, a network is the first three numbers
-- of an address, or the first 48 bits of a long one: such a row has no name, but one of its addresses (`member`).
WITH owned AS (SELECT report_hash(client_ip) AS address, country, owner FROM report_network),
flagged AS (
    SELECT address, sum(shown)::BIGINT AS flagged FROM report_flag WHERE address IS NOT NULL GROUP BY address
)
SELECT name, country, addresses, shown, flagged, member
FROM (
    SELECT
        n.owner AS name,
        CASE WHEN min(n.country) = max(n.country) AND count(n.country) = count(*) THEN min(n.country) END AS country,
        count(*) AS addresses,
        sum(a.shown)::BIGINT AS shown,
        coalesce(sum(f.flagged), 0)::BIGINT AS flagged,
        min(a.entity) AS member
    FROM report_address AS a
    LEFT JOIN owned AS n ON n.address = a.entity
    LEFT JOIN flagged AS f ON f.address = a.entity
    GROUP BY n.owner, CASE WHEN n.owner IS NULL THEN a.net END
)
QUALIFY rank() OVER (ORDER BY flagged DESC, shown DESC) <= {most}
