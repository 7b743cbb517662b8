-- Downloads at work in the month, by account: with a reason on record, and how many could have one.
WITH done AS (
    SELECT a.source, a.seq, a.time, a.actor, a.bytes, a.subjects
    FROM report_access AS a
    WHERE a.action = 'export' AND NOT a.refused AND a.actor IS DISTINCT FROM a.subject
),
said AS (
    SELECT e.source, e.seq, min(concat_ws(' ', e.kind, e.reference)) AS words
    FROM explained AS e
    SEMI JOIN done AS d ON d.source = e.source AND d.seq = e.seq
    GROUP BY e.source, e.seq
)
SELECT
    coalesce(d.actor, '') AS actor,
    count(*) AS exports,
    count(s.words) AS with_reason,
    count(*) FILTER (s.words IS NOT NULL OR EXISTS (FROM export_reason AS r WHERE r.actor IS NULL OR r.actor = d.actor)) AS judged,
    coalesce(sum(d.bytes), 0)::BIGINT AS bytes_sent,
    coalesce(sum(d.subjects), 0)::BIGINT AS persons_told,
    min(d.time) AS first,
    max(d.time) AS last,
    list_slice(list_sort(list(DISTINCT s.words) FILTER (s.words IS NOT NULL)), 1, 5) AS reasons
FROM done AS d
LEFT JOIN said AS s ON s.source = d.source AND s.seq = d.seq
GROUP BY d.actor
ORDER BY count(*) - count(s.words) DESC, exports DESC, actor
