-- What came from the addresses of a table in the month.
SELECT a.client_ip, count(*) AS requests, count(*) FILTER (a.shown) AS shown, any_value(n.country), any_value(n.owner)
FROM report_access AS a
LEFT JOIN report_network AS n ON n.client_ip = a.client_ip
WHERE a.client_ip IN (SELECT entity FROM report_candidate)
GROUP BY a.client_ip
