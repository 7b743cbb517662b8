-- Accesses that asked for one person's data: the subject that the record names, else, on a page with personal fields,
-- the member that acted. Refused ones (401, 403) never reached the data; those that found nobody (404) did ask.
CREATE OR REPLACE TEMP VIEW subject_access AS
SELECT
    source, seq, time, key, client_ip, actor, actor_kind, status, outcome,
    coalesce(subject, CASE WHEN actor_kind = 'member' AND fields IS NOT NULL THEN actor END) AS subject
FROM access
WHERE time IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
  AND (subject IS NOT NULL OR (actor_kind = 'member' AND fields IS NOT NULL));
