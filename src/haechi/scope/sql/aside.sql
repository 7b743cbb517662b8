-- Lines that were set aside, by source: between which times they stood, how many there are, how long the longest is.
-- A table's header, an empty line, a database's other messages are set aside too, so that every line is
-- accounted for; but no record is missing behind them ($no_record: model/words.py).
WITH lost AS (
    SELECT source, seq, length FROM aside WHERE reason NOT IN (SELECT unnest($no_record::VARCHAR[]))
)
SELECT
    any_value(batch.table_name) AS table_name,
    lost.source,
    count(*)::BIGINT AS lines,
    max(lost.length) AS longest,
    min(batch.first_time) AS first,
    max(batch.last_time) AS last
FROM lost
LEFT JOIN batch
    ON batch.source = lost.source AND batch.set_aside > 0 AND lost.seq BETWEEN batch.seq_from AND batch.seq_to
GROUP BY lost.source
ORDER BY lost.source
