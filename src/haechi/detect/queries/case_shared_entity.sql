-- Entities that several cases met and that are mostly suspicious over the cases' hours together: $suspicious of all that
-- they did is flagged. Credentials too: they are met by the million, so only the shared ones are looked at.
WITH credential_met AS (
    SELECT a.credential, c.case_no, count(*) AS flagged
    FROM case_access AS c
    JOIN access AS a USING (source, seq)
    WHERE a.credential IS NOT NULL
    GROUP BY ALL
    QUALIFY count(*) OVER (PARTITION BY a.credential) > 1
),
credential_all AS (
    SELECT credential, count(*) AS accesses
    FROM access SEMI JOIN credential_met USING (credential)
    GROUP BY credential
),
met AS (
    SELECT
        e.kind, e.entity, list(e.case_no ORDER BY e.case_no) AS cases,
        sum(e.flagged) AS flagged, min(s.first) AS first, max(s.last) AS last
    FROM case_entity AS e
    JOIN case_span AS s USING (case_no)
    GROUP BY e.kind, e.entity
    HAVING count(*) > 1
)
SELECT DISTINCT m.cases
FROM met AS m
JOIN entity_hour AS h ON h.kind = m.kind AND h.entity = m.entity AND h.hour BETWEEN m.first AND m.last
GROUP BY m.kind, m.entity, m.cases, m.flagged
HAVING m.flagged >= $suspicious * sum(h.accesses)
UNION
SELECT list(c.case_no ORDER BY c.case_no)
FROM credential_met AS c
JOIN credential_all AS a USING (credential)
GROUP BY c.credential, a.accesses
HAVING sum(c.flagged) >= $suspicious * a.accesses
