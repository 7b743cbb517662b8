-- Where a clock may have been set back: records are looked at 4,096 numbers at a time. A stretch is `wide` if its times lie
-- more than $back apart. Where stretches overlap many times over, the records are in no order of time at all.
CREATE OR REPLACE TEMP TABLE coverage_wide AS
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
)

SELECT
    *,
    epoch_us(high) - epoch_us(low) > $back AS wide,
    min(low) OVER machine AS earliest,
    count(*) OVER machine AS stretches
FROM stretch
WINDOW machine AS (PARTITION BY source, node)
QUALIFY stretches <= 8
     OR sum(epoch_us(high) - epoch_us(low)) OVER machine
        <= 5 * (epoch_us(max(high) OVER machine) - epoch_us(min(low) OVER machine));

-- Only stretches in which an earlier half-hour comes after a later one are read record by record (backwards.sql); files in
-- order have none. Where more than one stretch in twenty is such, the records are in no order of time either.
CREATE OR REPLACE TEMP TABLE coverage_stretch AS
WITH slot AS (
    SELECT
        w.source,
        w.node,
        w.stretch,
        epoch_us(a.time) // 1800000000 AS slot,
        min(a.seq) AS low_seq,
        max(a.seq) AS high_seq
    FROM {table} AS a
    INNER JOIN coverage_wide AS w
        ON a.source = w.source AND coalesce(a.node, '') = w.node AND a.seq // 4096 = w.stretch
    WHERE w.wide
      AND a.time BETWEEN $earliest AND $latest
    GROUP BY ALL
),

inverted AS (
    SELECT DISTINCT source, node, stretch
    FROM slot
    -- Times that differ by more than an hour are two half-hours apart or more.
    QUALIFY max(high_seq) OVER (
        PARTITION BY source, node, stretch ORDER BY slot RANGE BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING
    ) > low_seq
),

followed AS (
    SELECT
        *,
        lag(final) OVER before AS before,
        lag(final_seq) OVER before AS before_seq
    FROM coverage_wide
    WINDOW before AS (PARTITION BY source, node ORDER BY stretch)
)

SELECT f.source, f.node, f.stretch, f.earliest, f.before, f.before_seq
FROM followed AS f
LEFT JOIN inverted AS i ON f.source = i.source AND f.node = i.node AND f.stretch = i.stretch
WHERE i.stretch IS NOT NULL
   OR epoch_us(f.before) - epoch_us(f.low) > $back
QUALIFY count(*) OVER (PARTITION BY f.source, f.node) <= greatest(8, f.stretches / 20)
