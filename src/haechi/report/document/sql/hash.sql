-- A name as a number, and nothing as nothing.
CREATE OR REPLACE TEMP MACRO report_hash(name) AS CASE WHEN name IS NOT NULL THEN hash(name) END
