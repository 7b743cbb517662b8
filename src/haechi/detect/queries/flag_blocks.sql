-- The accesses that a rule returned, as bits; once each, whatever joins the rule made.
INSERT INTO flagged_block
SELECT f.finding, r.source, r.seq // 8192, bitstring_agg((r.seq % 8192)::INTEGER, 0, 8191)
FROM rule_rows AS r
JOIN flagged_by AS f USING (entity_kind, entity)
WHERE f.finding IN (SELECT finding FROM flagged_dense)
GROUP BY f.finding, r.source, r.seq // 8192
