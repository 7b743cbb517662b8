-- How many of a case's accesses of one chunk fall on each minute of a source.
SELECT
    source,
    epoch_us(time) // {beat} AS beat,
    count(*) AS requests
FROM scope_chunk
WHERE time IS NOT NULL
GROUP BY ALL
