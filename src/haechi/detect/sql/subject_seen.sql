-- Each person whose data was asked for, once: the first and the last time. Whoever looks for strange people finds them
-- here, and only then their accesses.
CREATE OR REPLACE TEMP TABLE subject_seen AS
SELECT subject, min(time) AS first, max(time) AS last FROM subject_access GROUP BY subject;
