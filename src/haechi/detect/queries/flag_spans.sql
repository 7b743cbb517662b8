-- Without one time there is no span: a finding whose accesses carry none is told apart by its absence here.
SELECT finding, sum(accesses)::BIGINT AS accesses, min(first) AS first, max(last) AS last, max(told) AS told
FROM flagged_mix
WHERE finding >= $base
GROUP BY finding
HAVING min(first) IS NOT NULL
