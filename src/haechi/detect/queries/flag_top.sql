-- The most frequent values of {column} a finding, and how many different ones there are.
SELECT finding, {column}, sum(accesses)::BIGINT AS n, count(*) OVER (PARTITION BY finding) AS different
FROM flagged_mix
WHERE finding >= $base AND {column} IS NOT NULL
GROUP BY finding, {column}
QUALIFY row_number() OVER (PARTITION BY finding ORDER BY n DESC, {column}) <= $top
ORDER BY finding, n DESC, {column}
