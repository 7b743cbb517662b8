-- Rights and accounts that began or ended in the month. Facts say what was so at one time: the first that says "alive"
-- begins a right, the first "dead" after it ends it, unless a fact itself tells since or until when.
WITH told AS (
    SELECT
        kind, system, coalesce(account, person, '') AS account, coalesce(object, '') AS object, state, time, first, last,
        coalesce(evidence, '') AS evidence, seq,
        lag(state) OVER one AS before,
        lag(first) OVER one AS first_before,
        lag(last) OVER one AS last_before,
        row_number() OVER one = 1 AS is_first,
        min(time) OVER (PARTITION BY kind, system) AS listed_first
    FROM fact
    WHERE kind IN ('account', 'grant')
    WINDOW one AS (PARTITION BY kind, system, account, person, object ORDER BY time, seq)
),
change AS (
    SELECT coalesce(first, time) AS since, 'begun' AS change, t.*
    FROM told AS t
    -- What the first listing of a system shows had begun before, unless it tells when.
    WHERE state = 'alive' AND (before IS DISTINCT FROM 'alive')
        AND (first IS NOT NULL OR NOT is_first OR time > listed_first)
    UNION ALL
    SELECT coalesce(last, time), 'ended', t.*
    FROM told AS t
    WHERE state = 'dead' AND (before = 'alive' OR (is_first AND last IS NOT NULL))
)
SELECT since, change, kind, coalesce(system, ''), account, object, evidence
FROM change
WHERE since >= TIMESTAMP '{first}' AND since < TIMESTAMP '{last}'
ORDER BY since, kind, account, object
LIMIT {most}
