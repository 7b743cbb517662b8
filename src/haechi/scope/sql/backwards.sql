-- Clocks set back: from one record of a machine to the next in the same file, the time falls by more than $back and stays
-- there. Left out, since no clock was touched: one late record among others (the next one is back), a file that
-- runs from new to old or is in no order of time, and files joined into one (the time falls to where the file begins).
WITH placed AS (
    SELECT source, seq_from, path
    FROM batch
    WHERE table_name = '{table}'
),

begun AS (
    SELECT source, path, min(first_time) FILTER (first_time >= $earliest) AS begin
    FROM batch
    WHERE table_name = '{table}'
    GROUP BY source, path
),

record AS (
    SELECT
        s.source,
        s.node,
        s.earliest,
        a.time,
        a.seq,
        coalesce(lag(a.time) OVER one, s.before) AS before,
        coalesce(lag(a.seq) OVER one, s.before_seq) AS before_seq,
        lead(a.time) OVER one AS next
    FROM {table} AS a
    INNER JOIN coverage_stretch AS s
        ON a.source = s.source AND coalesce(a.node, '') = s.node AND a.seq // 4096 = s.stretch
    WHERE a.time BETWEEN $earliest AND $latest
    WINDOW one AS (PARTITION BY s.source, s.node, s.stretch ORDER BY a.seq)
),

step AS (
    SELECT r.*, coalesce(p.path, '') AS path, coalesce(q.path, '') AS before_path
    FROM record AS r
    ASOF LEFT JOIN placed AS p ON r.source = p.source AND r.seq >= p.seq_from
    ASOF LEFT JOIN placed AS q ON r.source = q.source AND r.before_seq >= q.seq_from
),

judged AS (
    SELECT
        t.*,
        epoch_us(t.before) - epoch_us(t.time) AS size,
        size > $back
            AND abs(epoch_us(t.next) - epoch_us(t.time)) < abs(epoch_us(t.next) - epoch_us(t.before))
            AND epoch_us(t.time) - epoch_us(coalesce(b.begin, t.earliest)) > $back AS fell
    FROM step AS t
    LEFT JOIN begun AS b ON t.source = b.source AND t.path = b.path
    WHERE t.before IS NOT NULL
      AND t.path = t.before_path
),

file AS (
    SELECT
        source,
        node,
        path,
        count(*) FILTER (fell) AS times,
        max(size) FILTER (fell) AS most,
        min(time) FILTER (fell) AS first,
        max(before) FILTER (fell) AS last
    FROM judged
    GROUP BY source, node, path
    HAVING times > 0
       AND count(*) FILTER (size > $back) <= greatest(3, count(*) / 1000)
       AND count(*) FILTER (time > before) > count(*) FILTER (time < before)
)

SELECT source, node, sum(times)::BIGINT AS times, max(most) AS most, min(first) AS first, max(last) AS last
FROM file
GROUP BY source, node
ORDER BY source, node
