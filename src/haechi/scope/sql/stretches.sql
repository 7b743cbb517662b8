-- Where a clock may have been set back: records are looked at 4,096 numbers at a time, and only stretches that span more
-- than $back are read record by record (backwards.sql). Times that cannot be right are told elsewhere (clock.sql).
CREATE OR REPLACE TEMP TABLE coverage_stretch AS
WITH stretch AS (
    SELECT
        source,
        coalesce(node, '') AS node,
        seq // 4096 AS stretch,
        min(time) AS low,
        max(time) AS high,
        arg_max(time, seq) AS final,
        max(seq) AS final_seq
    FROM {table}
    WHERE time BETWEEN $earliest AND $latest
    GROUP BY ALL
),

followed AS (
    SELECT
        *,
        min(low) OVER (PARTITION BY source, node) AS earliest,
        lag(final) OVER before AS before,
        lag(final_seq) OVER before AS before_seq
    FROM stretch
    WINDOW before AS (PARTITION BY source, node ORDER BY stretch)
)

SELECT source, node, stretch, earliest, before, before_seq
FROM followed
WHERE epoch_us(high) - epoch_us(low) > $back
   OR epoch_us(before) - epoch_us(low) > $back
