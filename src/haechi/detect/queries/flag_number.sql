-- A rule's entities get their findings' numbers, the most active first.
INSERT INTO flagged_by
SELECT
    $base + row_number() OVER (ORDER BY count(*) DESC, entity_kind, entity) - 1,
    $rule,
    entity_kind,
    entity
FROM rule_rows
WHERE entity IS NOT NULL
GROUP BY entity_kind, entity
