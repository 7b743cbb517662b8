-- How each source usually writes. A gap longer than a beat lies between two beats and is exact; the gaps within a beat
-- are taken as even. `usual` is the median gap between two records, `rare` the one that 99 of 100 stay under.
CREATE OR REPLACE TEMP TABLE coverage_beat AS
WITH beat AS (
    SELECT source, beat, sum(records) AS records, min(first) AS first, max(last) AS last
    FROM coverage_pulse
    WHERE beat IS NOT NULL
    GROUP BY source, beat
)

SELECT
    source,
    records,
    first,
    last,
    lead(first) OVER later AS next,
    sum(records) OVER later AS so_far,
    sum(records) OVER (PARTITION BY source) AS total
FROM beat
WINDOW later AS (PARTITION BY source ORDER BY beat);

CREATE OR REPLACE TEMP TABLE coverage_rhythm AS
WITH gap AS (
    SELECT source, (epoch_us(last) - epoch_us(first)) / (records - 1) AS length, records - 1 AS times
    FROM coverage_beat
    WHERE records > 1
    UNION ALL
    SELECT source, epoch_us(next) - epoch_us(last), 1
    FROM coverage_beat
    WHERE next IS NOT NULL
),

ranked AS (
    SELECT
        source,
        length,
        sum(times) OVER (PARTITION BY source ORDER BY length) AS up_to,
        sum(times) OVER (PARTITION BY source) AS all_of_them
    FROM gap
)

SELECT
    source,
    min(length) FILTER (up_to * 2 >= all_of_them) AS usual,
    min(length) FILTER (up_to * 100 >= all_of_them * 99) AS rare
FROM ranked
GROUP BY source;

-- Records by hour between the first and the last whole hour, empty hours included. A few strays far away from the rest
-- ($few at either end) set no span: else years of nothing would make every hour look quiet.
CREATE OR REPLACE TEMP TABLE coverage_hour AS
WITH span AS (
    SELECT
        source,
        epoch_us(min(first) FILTER (so_far >= $few OR so_far * 2 >= total)) // 3600000000 AS low,
        epoch_us(max(last) FILTER (total - so_far + records >= $few OR so_far * 2 <= total)) // 3600000000 AS high
    FROM coverage_beat
    GROUP BY source
),

written AS (
    SELECT source, epoch_us(first) // 3600000000 AS hour, sum(records) AS records
    FROM coverage_beat
    GROUP BY source, hour
),

every AS (
    SELECT source, unnest(range(low + 1, high)) AS hour
    FROM span
)

SELECT
    e.source,
    e.hour,
    e.hour % 24 AS of_day,
    e.hour % 168 AS of_week,
    coalesce(w.records, 0) AS records
FROM every AS e
LEFT JOIN written AS w ON e.source = w.source AND e.hour = w.hour;

-- How many records come together: people write in sessions, machines in batches, and an empty hour among bursts says
-- less than one among single records. Variance over mean of the same hour a week (or, in young sources, a day) apart:
-- comparing neighbours keeps slow growth out of it. 1 is what independent records give.
CREATE OR REPLACE TEMP TABLE coverage_burst AS
WITH apart AS (
    SELECT
        source,
        records,
        lead(records, 168) OVER hours AS next_week,
        lead(records, 24) OVER hours AS next_day
    FROM coverage_hour
    WINDOW hours AS (PARTITION BY source ORDER BY hour)
)

SELECT
    source,
    greatest(1, CASE
        WHEN count(next_week) >= 168 THEN sum((records - next_week) ** 2) / sum(records + next_week)
        ELSE sum((records - next_day) ** 2) / sum(records + next_day)
    END) AS size
FROM apart
GROUP BY source;
