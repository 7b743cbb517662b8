-- What the accounts of a table did in the month.
SELECT
    actor,
    count(*) AS requests,
    count(*) FILTER (shown) AS shown,
    count(*) FILTER (export AND NOT refused) AS exports
FROM report_seen
WHERE actor IN (SELECT entity FROM report_candidate)
GROUP BY actor
