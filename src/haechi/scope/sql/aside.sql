-- Lines that were set aside, by source: between which times they stood and how many there are.
SELECT
    source,
    sum(set_aside)::BIGINT AS lines,
    min(first_time) AS first,
    max(last_time) AS last
FROM batch
WHERE set_aside > 0
GROUP BY source
ORDER BY source
