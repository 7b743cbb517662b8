-- One row a data subject, over all collected registries. A registry collected again repeats its subjects.
--   since: first joining; withdrawn: latest withdrawal, NULL where the subject has come back since
CREATE OR REPLACE TEMP TABLE registry AS
SELECT
    subject, min(since) AS since,
    CASE WHEN max(withdrawn) >= max(since) OR max(since) IS NULL THEN max(withdrawn) END AS withdrawn
FROM subject
GROUP BY subject;
