-- Jumps in a source's own count. Every unit read gets the next number, so that a number in no batch is one that the log
-- lost. A count may go through several tables: it is followed over all of them.
WITH followed AS (
    SELECT
        table_name,
        source,
        max(seq_to) OVER before AS before,
        seq_from AS after,
        last_value(last_time IGNORE NULLS) OVER before AS first,
        first_time AS last
    FROM batch
    WINDOW before AS (PARTITION BY source ORDER BY seq_from ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)

SELECT
    table_name,
    source,
    coalesce(before, 0) AS before,
    after,
    epoch_us(first) AS first_us,
    epoch_us(last) AS last_us
FROM followed
WHERE after > coalesce(before, 0) + 1
ORDER BY source, after
