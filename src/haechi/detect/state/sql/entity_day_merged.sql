-- Blocks of entity_day as one.
SELECT
    entity_kind, entity, day,
    sum(requests)::BIGINT AS requests, sum(personal)::BIGINT AS personal, max(told) AS told
FROM state_part
GROUP BY entity_kind, entity, day
