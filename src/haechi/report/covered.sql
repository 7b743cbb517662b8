-- Which sources the store holds, of which table, from when to when.
-- As counts of microseconds: a broken clock may name a time that no calendar has.
SELECT
    table_name,
    source,
    count(DISTINCT path) AS files,
    sum("rows")::BIGINT AS records,
    sum(set_aside)::BIGINT AS set_aside,
    sum(CASE WHEN gone <> '' THEN "rows" ELSE coalesce(erased, 0) END)::BIGINT AS gone,
    epoch_us(min(first_time)) AS first_us,
    epoch_us(max(last_time)) AS last_us
FROM batch
GROUP BY table_name, source
ORDER BY table_name, source
