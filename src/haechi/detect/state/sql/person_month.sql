-- Whose data an entity asked for in the months that are looked at. For single entities: it is as large as the months.
CREATE OR REPLACE TEMP VIEW person_month AS
SELECT DISTINCT entity_kind, entity, date_trunc('month', day)::DATE AS month, subject
FROM person_day
WHERE day BETWEEN $first AND $last
