-- Distinct subjects a finding, as the rule itself names them.
SELECT finding, count(subject) AS subjects
FROM (
    SELECT DISTINCT f.finding, r.subject
    FROM rule_rows AS r
    JOIN flagged_by AS f USING (entity_kind, entity)
    WHERE f.finding >= $base
)
GROUP BY finding
