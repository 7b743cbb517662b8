-- How many of a case's accesses fall on each minute of a source.
SELECT
    source,
    beat,
    sum(requests)::BIGINT AS requests
FROM scope_beat
WHERE beat IS NOT NULL
GROUP BY source, beat
