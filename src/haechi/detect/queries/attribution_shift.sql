-- Accesses of the case's staff accounts whose shifts are known, and how many of them fell into one.
WITH shift AS (
    SELECT DISTINCT w.account, r.first, r.last
    FROM reason AS r
    JOIN work_account AS w ON r.actor = w.account OR r.actor = w.person
    WHERE r.kind = 'shift' AND r.first IS NOT NULL AND r.last IS NOT NULL
),
met AS (
    SELECT a.case_no, a.source, a.seq, a.actor, a.time
    FROM case_access AS a
    WHERE NOT a.claimed AND a.actor IN (SELECT account FROM shift)
)
SELECT m.case_no, count(*) AS accesses, count(i.seq) AS within
FROM met AS m
LEFT JOIN (
    SELECT DISTINCT m.case_no, m.source, m.seq
    FROM met AS m
    JOIN shift AS s ON s.account = m.actor AND m.time BETWEEN s.first AND s.last
) AS i USING (case_no, source, seq)
GROUP BY m.case_no
