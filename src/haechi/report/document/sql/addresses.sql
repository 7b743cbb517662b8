-- What came from the addresses of a table in the month.
SELECT
    a.address,
    count(*) AS requests,
    count(*) FILTER (a.shown) AS shown,
    any_value(n.country) AS country,
    any_value(n.owner) AS owner
FROM report_seen AS a
LEFT JOIN report_network AS n ON report_hash(n.client_ip) = a.address
WHERE a.address IN (SELECT entity FROM report_candidate)
GROUP BY a.address
