-- The entities that are a case's own, the most active first, and how many there are of each kind.
SELECT case_no, kind, entity, count(*) OVER (PARTITION BY case_no, kind) AS different
FROM own_entity
WHERE own
QUALIFY row_number() OVER (PARTITION BY case_no, kind ORDER BY flagged DESC, entity) <= $listed
ORDER BY case_no, kind, flagged DESC, entity
