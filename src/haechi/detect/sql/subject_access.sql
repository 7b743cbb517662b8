-- Accesses that asked for one person's data. Refused ones (401, 403) never reached the data; those that found nobody
-- (404) did ask.
--   entity_kind, entity: who looked: staff by their account, members by what they came with
CREATE OR REPLACE TEMP VIEW subject_access AS
SELECT
    *,
    CASE
        WHEN actor_kind IN ('staff', 'service') OR actor <> subject THEN 'actor'
        WHEN key IS NOT NULL THEN 'key'
        ELSE 'client_ip'
    END AS entity_kind,
    CASE
        WHEN actor_kind IN ('staff', 'service') OR actor <> subject THEN actor
        ELSE coalesce(key, client_ip)
    END AS entity
FROM (
    SELECT
        source, seq, time, key, client_ip, actor, actor_kind, status, outcome,
        asked_subject(subject, subjects, actor, actor_kind, fields) AS subject
    FROM access
    WHERE time IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
)
WHERE subject IS NOT NULL;
