-- Accesses at work that have a reason: the actor's own, or else a ticket or order of somebody in the same team, since work
-- passes from hand to hand. `own` tells which.
CREATE OR REPLACE TEMP TABLE given_reason AS
WITH rest AS (
    SELECT a.source, a.seq, a.time, a.actor, a.subject, a.team
    FROM working AS a
    ANTI JOIN own_reason AS o ON o.source = a.source AND o.seq = a.seq
    WHERE a.actor <> a.subject AND a.subject IN (SELECT h.subject FROM reason_holder AS h)
),
assigned AS (
    SELECT h.n, h.actor, h.subject, h.since, h.until, w.team
    FROM reason_holder AS h
    JOIN worker AS w ON w.actor = h.actor
    -- Where fields or routes are limited, the reason is too special to pass on.
    WHERE h.kind IN ('ticket', 'order') AND h.subject IS NOT NULL AND h.routes IS NULL AND h.fields IS NULL
)
SELECT source, seq, n, true AS own FROM own_reason
UNION ALL
SELECT r.source, r.seq, min(h.n), false
FROM rest AS r
JOIN assigned AS h
    ON h.subject = r.subject AND h.team = r.team AND h.actor <> r.actor AND r.time BETWEEN h.since AND h.until
GROUP BY r.source, r.seq;
