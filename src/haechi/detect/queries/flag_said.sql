-- The most frequent values of what the rule itself says of each access.
SELECT f.finding, r.{column}, count(*) AS n
FROM rule_rows AS r
JOIN flagged_by AS f USING (entity_kind, entity)
WHERE f.finding >= $base AND r.{column} IS NOT NULL
GROUP BY f.finding, r.{column}
QUALIFY row_number() OVER (PARTITION BY f.finding ORDER BY n DESC, r.{column}) <= $top
ORDER BY f.finding, n DESC, r.{column}
