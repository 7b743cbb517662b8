-- Records whose time cannot be right, and those that carry none, by source.
SELECT
    source,
    sum(records - timeless)::BIGINT AS wrong,
    sum(timeless)::BIGINT AS timeless,
    min(first) AS first,
    max(last) AS last
FROM coverage_pulse
WHERE beat IS NULL
GROUP BY source
ORDER BY source
