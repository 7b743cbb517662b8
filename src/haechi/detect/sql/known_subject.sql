-- A row where anybody who was asked for stands in the registry: else the two name people in different ways.
CREATE OR REPLACE TEMP TABLE known_subject AS
SELECT subject FROM subject_seen SEMI JOIN registry USING (subject) LIMIT 1;
