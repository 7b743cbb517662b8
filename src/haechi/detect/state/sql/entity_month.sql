-- How often an entity asked in the months that are looked at. `personal` is never less than its persons.
CREATE OR REPLACE TEMP VIEW entity_month AS
SELECT
    entity_kind, entity, date_trunc('month', day)::DATE AS month,
    sum(requests)::BIGINT AS requests, sum(personal)::BIGINT AS personal, max(told) AS told
FROM entity_day
WHERE day BETWEEN $first AND $last
GROUP BY ALL
