-- The accesses that a rule returned; once each, whatever joins the rule made.
INSERT INTO flagged_row
SELECT DISTINCT f.finding, r.source, r.seq
FROM rule_rows AS r
JOIN flagged_by AS f USING (entity_kind, entity)
WHERE f.finding >= $base AND f.finding NOT IN (SELECT finding FROM flagged_dense)
