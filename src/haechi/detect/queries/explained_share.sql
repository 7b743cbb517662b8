-- Answered accesses at work to other people's personal data, by who acted and the kind of reason.
--   service: not a person's account     judged: reasons are on record for most of the team's look-ups
SELECT
    coalesce(a.actor_kind = 'service', false)
        OR (a.actor IN (SELECT p.actor FROM purpose_setting AS p) AND a.actor NOT IN (SELECT account FROM person WHERE account IS NOT NULL))
        AS service,
    CASE WHEN g.n IS NOT NULL THEN h.kind END AS kind,
    a.team IN (SELECT j.team FROM judged_team AS j) AS judged,
    count(*) AS accesses
FROM working AS a
LEFT JOIN given_reason AS g ON g.source = a.source AND g.seq = a.seq
LEFT JOIN reason_holder AS h ON h.n = g.n
WHERE a.actor IS DISTINCT FROM a.subject
    AND (nullif(a.fields, '') IS NOT NULL OR a.action = 'export')
    AND coalesce(a.outcome = 'success', a.status < 400, true)
GROUP BY ALL
