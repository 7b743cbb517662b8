-- What the accounts of a table did in the month.
SELECT
    actor,
    any_value(actor_kind) AS kind,
    count(*) AS requests,
    count(*) FILTER (shown) AS shown,
    count(*) FILTER (action = 'export' AND NOT refused) AS exports
FROM report_access
WHERE actor IN (SELECT entity FROM report_candidate)
GROUP BY actor
