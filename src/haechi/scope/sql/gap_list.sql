-- The largest gaps of each node one by one, with the times of the records on either side; the rest in one row.
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY source, node ORDER BY missing DESC, run, before) AS rank
    FROM coverage_gap
),

edge AS (
    SELECT g.source, g.node, g.run, g.before, min(a.time) AS first
    FROM ranked AS g
    INNER JOIN {table} AS a
        ON g.source = a.source AND g.node = coalesce(a.node, '') AND g.before = a.node_seq
        AND a.time BETWEEN g.first AND g.last
    WHERE g.rank <= $listed
    GROUP BY ALL
),

after_edge AS (
    SELECT g.source, g.node, g.run, g.before, max(a.time) AS last
    FROM ranked AS g
    INNER JOIN {table} AS a
        ON g.source = a.source AND g.node = coalesce(a.node, '') AND g.after = a.node_seq
        AND a.time BETWEEN g.first AND g.last
    WHERE g.rank <= $listed
    GROUP BY ALL
)

SELECT
    g.source, g.node, 1 AS gaps, g.missing, g.before, g.after, g.peak,
    coalesce(e.first, g.first) AS first, coalesce(l.last, g.last) AS last
FROM ranked AS g
LEFT JOIN edge AS e ON g.source = e.source AND g.node = e.node AND g.run = e.run AND g.before = e.before
LEFT JOIN after_edge AS l ON g.source = l.source AND g.node = l.node AND g.run = l.run AND g.before = l.before
WHERE g.rank <= $listed
UNION ALL
SELECT
    source, node, count(*), sum(missing)::BIGINT, min(before), max(after), any_value(peak), min(first), max(last)
FROM ranked
WHERE rank > $listed
GROUP BY source, node
ORDER BY 1, 2, 8, 5
