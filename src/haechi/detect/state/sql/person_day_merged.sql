-- Blocks of person_day as one.
SELECT DISTINCT entity_kind, entity, day, subject FROM state_part
