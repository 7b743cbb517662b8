-- The machines that wrote a table, from when to when, and whether they number all of their records.
SELECT
    source,
    node,
    sum(records)::BIGINT AS records,
    sum(numbered)::BIGINT AS numbered,
    min(low) AS low,
    min(first) FILTER (beat IS NOT NULL) AS first,
    max(last) FILTER (beat IS NOT NULL) AS last
FROM coverage_pulse
GROUP BY source, node
ORDER BY source, node
