-- The months before.
SELECT
    date_trunc('month', a.time + {offset})::DATE AS month,
    count(*) AS requests,
    count(*) FILTER (nullif(fields, '') IS NOT NULL AND coalesce(outcome = 'success', coalesce(bytes, 1) <> 0)) AS shown,
    count(*) FILTER (action = 'export' AND NOT coalesce(outcome = 'failure', false)) AS exports
FROM access AS a
WHERE time >= TIMESTAMP '{begin}' AND time < TIMESTAMP '{last}'
GROUP BY ALL
ORDER BY month
