-- Rows of persons that were removed on purpose, by source. Batches that are gone altogether are told as such.
SELECT
    table_name,
    source,
    sum(erased)::BIGINT AS records,
    epoch_us(min(first_time)) AS first_us,
    epoch_us(max(last_time)) AS last_us
FROM batch
WHERE erased > 0
  AND coalesce(gone, '') = ''
GROUP BY table_name, source
ORDER BY table_name, source
