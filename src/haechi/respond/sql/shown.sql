-- At most $rows of the accesses, spread evenly over all of them in the order of their times.
WITH counted AS (
    SELECT *, row_number() OVER (ORDER BY time, source, seq) AS place, count(*) OVER () AS accesses
    FROM in_question
)
SELECT time, route, method, action, fields, subject, subjects, client_ip
FROM counted
WHERE accesses <= $rows OR place * $rows // accesses <> (place - 1) * $rows // accesses
ORDER BY place;
