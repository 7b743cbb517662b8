-- Where a node began its own count again: its numbers fall, from one beat to the next, by more than the records that can
-- have been under way at once ($loose, and what was written about that time). Only beats after a restart are kept.
-- `split`: in the beat of the restart itself, numbers above it belong to the run before.
CREATE OR REPLACE TEMP TABLE coverage_run AS
WITH numbered AS (
    SELECT
        source,
        node,
        beat,
        first,
        low,
        lag(high) OVER before - $loose - sum(numbered) OVER (before ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS split
    FROM coverage_pulse
    WHERE numbered > 0
      AND beat IS NOT NULL
    WINDOW before AS (PARTITION BY source, node ORDER BY beat)
),

fallen AS (
    SELECT *, coalesce(low < split, FALSE) AS fell
    FROM numbered
),

counted AS (
    SELECT
        *,
        sum((fell AND NOT coalesce(before_fell, FALSE))::INTEGER)
            OVER (PARTITION BY source, node ORDER BY beat) AS run
    FROM (
        SELECT *, lag(fell) OVER (PARTITION BY source, node ORDER BY beat) AS before_fell
        FROM fallen
    ) AS f
)

SELECT
    source,
    node,
    beat,
    first,
    run::INTEGER AS run,
    CASE WHEN fell THEN split END AS split,
    fell AND NOT coalesce(before_fell, FALSE) AS restart
FROM counted
WHERE run > 0
