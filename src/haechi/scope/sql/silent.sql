-- Silences that the source's own rhythm does not explain.
-- `expected` is what it writes at least, three times in four, in the same hours of the five weeks before and after: a
-- night or a weekend that is quiet in that season expects nothing and is no hole. With fewer than two such weeks, the
-- quietest day of the week before and after is the measure; with no other day, the silence must be far beyond the
-- source's rarest gaps. Expected records count by the bursts that they come in (coverage_burst). A length that keeps
-- coming back is rhythm, at whatever hour.
WITH silence AS (
    SELECT
        b.source,
        b.last AS first,
        b.next AS last,
        epoch_us(b.next) - epoch_us(b.last) AS length,
        r.usual,
        r.rare,
        b.total
    FROM coverage_beat AS b
    INNER JOIN coverage_rhythm AS r ON b.source = r.source
    WHERE b.so_far >= $few
      AND b.total - b.so_far >= $few
      AND epoch_us(b.next) - epoch_us(b.last) >= greatest($at_least, $factor * r.usual)
    QUALIFY row_number() OVER (PARTITION BY b.source ORDER BY length DESC, b.last) <= $most
),

-- How much of each hour a silence takes.
silent_hour AS (
    SELECT
        source,
        first,
        length,
        unnest(range(epoch_us(first) // 3600000000, epoch_us(last) // 3600000000 + 1)) AS hour,
        epoch_us(first) / 3600000000 AS from_hour,
        epoch_us(last) / 3600000000 AS to_hour
    FROM silence
),

taken AS (
    SELECT
        source,
        first,
        hour % 24 AS of_day,
        hour % 168 AS of_week,
        sum(least(hour + 1, to_hour) - greatest(hour, from_hour)) AS hours
    FROM silent_hour
    GROUP BY ALL
),

-- The same hours at other times, the silence itself left out.
weekly AS (
    SELECT t.source, t.first, t.of_week, count(*) AS weeks, quantile_disc(h.records, 0.25) AS records
    FROM taken AS t
    INNER JOIN silence AS s ON t.source = s.source AND t.first = s.first
    INNER JOIN coverage_hour AS h ON t.source = h.source AND t.of_week = h.of_week
    WHERE ((h.hour + 1) * 3600000000 <= epoch_us(s.first) OR h.hour * 3600000000 >= epoch_us(s.last))
      AND h.hour BETWEEN epoch_us(s.first) // 3600000000 - 840 AND epoch_us(s.last) // 3600000000 + 840
    GROUP BY ALL
),

daily AS (
    SELECT t.source, t.first, t.of_day, count(*) AS days, min(h.records) AS records
    FROM (SELECT DISTINCT source, first, of_day FROM taken) AS t
    INNER JOIN silence AS s ON t.source = s.source AND t.first = s.first
    INNER JOIN coverage_hour AS h ON t.source = h.source AND t.of_day = h.of_day
    WHERE ((h.hour + 1) * 3600000000 <= epoch_us(s.first) OR h.hour * 3600000000 >= epoch_us(s.last))
      AND h.hour BETWEEN epoch_us(s.first) // 3600000000 - 168 AND epoch_us(s.last) // 3600000000 + 168
    GROUP BY ALL
),

expected AS (
    SELECT
        t.source,
        t.first,
        sum(t.hours * CASE WHEN w.weeks >= 2 THEN w.records ELSE d.records END) AS records,
        bool_and(coalesce(w.weeks >= 2, FALSE)) AS by_week
    FROM taken AS t
    LEFT JOIN weekly AS w ON t.source = w.source AND t.first = w.first AND t.of_week = w.of_week
    LEFT JOIN daily AS d ON t.source = d.source AND t.first = d.first AND t.of_day = d.of_day
    GROUP BY t.source, t.first
),

days AS (
    SELECT source, count(*) / 24 AS days
    FROM coverage_hour
    GROUP BY source
),

again AS (
    SELECT s.source, s.first, count(*) AS times
    FROM silence AS s
    INNER JOIN silence AS o ON s.source = o.source AND s.first <> o.first AND o.length BETWEEN 0.8 * s.length AND 1.25 * s.length
    GROUP BY s.source, s.first
)

SELECT
    s.source,
    s.first,
    s.last,
    s.usual / 1000000 AS usual_seconds,
    e.records AS expected,
    e.by_week
FROM silence AS s
LEFT JOIN expected AS e ON s.source = e.source AND s.first = e.first
LEFT JOIN days AS d ON s.source = d.source
LEFT JOIN coverage_burst AS b ON s.source = b.source
LEFT JOIN again AS a ON s.source = a.source AND s.first = a.first
WHERE coalesce(e.records >= $factor * b.size, s.total >= $many AND s.length >= $factor * s.rare)
  AND coalesce(a.times, 0) < greatest(3, coalesce(d.days, 0) / 10)
ORDER BY s.source, s.first
