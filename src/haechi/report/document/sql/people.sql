-- Whose data was shown on which day: in two levels, since one DISTINCT over everything would not fit into memory.
CREATE OR REPLACE TEMP TABLE report_people AS
SELECT local::DATE AS day, subject
FROM report_access
WHERE shown AND subject IS NOT NULL
GROUP BY ALL
