-- Accesses whose subject was no member then: never in the registry, not yet (by more than a day), or no longer. One join
-- for all rules that ask; the few rows it leaves are kept.
CREATE OR REPLACE TEMP TABLE strange_subject AS
WITH strange AS (
    SELECT s.subject, r.subject IS NOT NULL AS known, r.since, r.withdrawn
    FROM subject_seen AS s
    LEFT JOIN registry AS r ON r.subject = s.subject
    WHERE r.subject IS NULL OR s.first < r.since - INTERVAL 1 DAY OR s.last > r.withdrawn
)
SELECT
    a.source, a.seq, a.time, a.key, a.client_ip, a.actor, a.subject, a.status, a.outcome, a.entity_kind, a.entity,
    CASE
        WHEN NOT r.known THEN 'never existed'
        WHEN a.time < r.since - INTERVAL 1 DAY THEN 'not yet a member'
        ELSE 'withdrawn'
    END AS standing,
    r.withdrawn
FROM subject_access AS a
JOIN strange AS r ON r.subject = a.subject
WHERE NOT r.known OR a.time < r.since - INTERVAL 1 DAY OR a.time > r.withdrawn;
