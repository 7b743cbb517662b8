-- The accounts, rights and sessions of each person: the last stretch of each.
SELECT DISTINCT
    coalesce(l.person, p.person) AS person,
    l.kind,
    l.system,
    l.account,
    l.object,
    l.how,
    l.since,
    l.seen,
    l.gone,
    l.state,
    l.asked,
    l.source,
    l.seq,
    l.evidence,
    l.end_source,
    l.end_seq,
    l.end_evidence
FROM lived AS l
LEFT JOIN person_account AS p ON l.person IS NULL AND p.account = l.account AND p.system IN ('', l.system)
WHERE l.last AND l.kind IN ('account', 'grant', 'session') AND coalesce(l.person, p.person) IS NOT NULL
ORDER BY ALL
