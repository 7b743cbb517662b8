-- From when to when, UTC, the local days $first to $last are: from the first hour that begins in them to the end of the last.
SELECT min(hour), max(hour) + INTERVAL 1 HOUR
FROM (
    SELECT unnest(generate_series($first::TIMESTAMP - INTERVAL 2 DAY, $last::TIMESTAMP + INTERVAL 3 DAY, INTERVAL 1 HOUR)) AS hour
)
WHERE timezone($zone, timezone('UTC', hour))::DATE BETWEEN $first::DATE AND $last::DATE
