-- Counts that cannot be followed through: begun again, or with numbers that occur more than once.
WITH restarts AS (
    SELECT source, node, count(*) AS restarts, min(first) AS first, max(first) AS last
    FROM coverage_run
    WHERE restart
    GROUP BY source, node
),

twice AS (
    SELECT
        source,
        node,
        sum(records - bit_count(present))::BIGINT AS twice,
        min(first) FILTER (records > bit_count(present)) AS first,
        max(last) FILTER (records > bit_count(present)) AS last
    FROM coverage_block
    GROUP BY source, node
    HAVING twice > 0
)

SELECT source, node, 'restart' AS what, restarts AS times, first, last
FROM restarts
UNION ALL
SELECT source, node, 'twice', twice, first, last
FROM twice
ORDER BY 1, 2, 3
