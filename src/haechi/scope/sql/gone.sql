-- Batches whose records are not in the tables any more, neighbours joined to one stretch. The log still says how many
-- records each had, and when. Times as counts of microseconds: a broken clock may name a time that no calendar has.
WITH placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY table_name, source ORDER BY seq_from)
            - row_number() OVER (PARTITION BY table_name, source, gone ORDER BY seq_from) AS stretch
    FROM batch
)

SELECT
    table_name,
    source,
    gone,
    count(*) AS batches,
    sum("rows")::BIGINT AS records,
    sum(set_aside)::BIGINT AS set_aside,
    sum(bytes_sent)::BIGINT AS bytes_sent,
    epoch_us(min(first_time)) AS first_us,
    epoch_us(max(last_time)) AS last_us
FROM placed
WHERE gone <> ''
GROUP BY table_name, source, gone, stretch
ORDER BY table_name, source, min(seq_from)
