-- Accesses whose subject was no member then: never in the registry, not yet (by more than a day), or no longer. One join
-- for all rules that ask; the few rows it leaves are kept.
CREATE OR REPLACE TEMP TABLE strange_subject AS
SELECT
    a.source, a.seq, a.time, a.key, a.client_ip, a.actor, a.subject, a.status, a.outcome,
    CASE
        WHEN r.subject IS NULL THEN 'never existed'
        WHEN a.time < r.since - INTERVAL 1 DAY THEN 'not yet a member'
        ELSE 'withdrawn'
    END AS standing,
    r.withdrawn
FROM subject_access AS a
LEFT JOIN registry AS r USING (subject)
WHERE r.subject IS NULL OR a.time < r.since - INTERVAL 1 DAY OR a.time > r.withdrawn;
