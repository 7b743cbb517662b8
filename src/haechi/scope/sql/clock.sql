-- Records whose time cannot be right, by source.
SELECT
    source,
    sum(records)::BIGINT AS records,
    min(first) AS first,
    max(last) AS last
FROM coverage_pulse
WHERE beat IS NULL
GROUP BY source
ORDER BY source
