-- Log-ins that failed from the case's addresses, during the case or in the day before it.
SELECT s.case_no, count(*) AS accesses, count(DISTINCT a.actor) AS accounts, count(DISTINCT a.client_ip) AS addresses
FROM access AS a
JOIN suspect_address AS s USING (client_ip)
JOIN case_span AS c USING (case_no)
WHERE a.action = 'login' AND (a.outcome = 'failure' OR a.status IN (401, 403))
    AND a.time BETWEEN c.first - INTERVAL 1 DAY AND c.last
GROUP BY s.case_no
