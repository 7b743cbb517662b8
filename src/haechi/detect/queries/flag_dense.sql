-- Findings that flag so many records of the blocks that they touch, that bits take less room than rows.
SELECT f.finding
FROM (
    SELECT entity_kind, entity, sum(accesses) AS accesses, count(*) AS blocks
    FROM (
        SELECT entity_kind, entity, source, seq // 8192 AS block, count(*) AS accesses
        FROM rule_rows
        GROUP BY ALL
    )
    GROUP BY entity_kind, entity
) AS r
JOIN flagged_by AS f USING (entity_kind, entity)
WHERE f.finding >= $base AND r.accesses >= $least AND r.accesses >= $full * r.blocks
