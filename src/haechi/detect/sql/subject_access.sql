-- Accesses that asked for one person's data. Refused ones (401, 403) never reached the data; those that found nobody
-- (404) did ask.
CREATE OR REPLACE TEMP VIEW subject_access AS
SELECT * FROM (
    SELECT
        source, seq, time, key, client_ip, actor, actor_kind, status, outcome,
        asked_subject(subject, subjects, actor, actor_kind, fields) AS subject
    FROM access
    WHERE time IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
)
WHERE subject IS NOT NULL;
