-- Groups of cases that share a mostly suspicious entity: $suspicious of all that it did in the cases' hours is flagged.
-- Behaviour flags all that a busy entity did, so among cases with stronger reasons only the strongly flagged accesses
-- count: a carrier's address that is over its budget does not weld the strangers behind it.
WITH flagged_once AS (
    SELECT source, seq, bool_or(strong) AS strong
    FROM case_access
    GROUP BY source, seq
),
-- Credentials are met by the million: only those that several cases met are looked at.
credential_met AS (
    SELECT c.case_no, a.credential
    FROM case_access AS c
    JOIN access AS a USING (source, seq)
    WHERE a.credential IS NOT NULL
    GROUP BY c.case_no, a.credential
    QUALIFY count(*) OVER (PARTITION BY a.credential) > 1
),
met AS (
    SELECT case_no, kind, entity FROM case_entity
    UNION ALL
    SELECT case_no, 'credential', hex(credential) FROM credential_met
),
shared AS (
    SELECT
        m.kind,
        m.entity,
        min(s.first) AS first,
        max(s.last) AS last,
        coalesce(list(m.case_no ORDER BY m.case_no) FILTER (s.strong), []) AS strong_cases,
        coalesce(list(m.case_no ORDER BY m.case_no) FILTER (NOT s.strong), []) AS weak_cases
    FROM met AS m
    JOIN case_span AS s USING (case_no)
    GROUP BY m.kind, m.entity
    HAVING count(*) > 1
),
flagged_access AS (
    SELECT a.key, a.client_ip, a.client, a.actor, a.credential, f.strong
    FROM flagged_once AS f
    JOIN access AS a USING (source, seq)
),
flagged_entity AS (
    SELECT 'key' AS kind, key AS entity, count(*) AS flagged, count(*) FILTER (strong) AS strong
    FROM flagged_access WHERE key IN (SELECT entity FROM shared WHERE kind = 'key') GROUP BY key
    UNION ALL
    SELECT 'client_ip', client_ip, count(*), count(*) FILTER (strong)
    FROM flagged_access WHERE client_ip IN (SELECT entity FROM shared WHERE kind = 'client_ip') GROUP BY client_ip
    UNION ALL
    SELECT 'client', client, count(*), count(*) FILTER (strong)
    FROM flagged_access WHERE client IN (SELECT entity FROM shared WHERE kind = 'client') GROUP BY client
    UNION ALL
    SELECT 'actor', actor, count(*), count(*) FILTER (strong)
    FROM flagged_access WHERE actor IN (SELECT entity FROM shared WHERE kind = 'actor') GROUP BY actor
    UNION ALL
    SELECT 'credential', hex(credential), count(*), count(*) FILTER (strong)
    FROM flagged_access WHERE credential IN (SELECT credential FROM credential_met) GROUP BY credential
),
whole AS (
    SELECT s.kind, s.entity, sum(h.accesses) AS accesses
    FROM shared AS s
    JOIN entity_hour AS h ON h.kind = s.kind AND h.entity = s.entity AND h.hour BETWEEN s.first AND s.last
    GROUP BY s.kind, s.entity
    UNION ALL
    SELECT 'credential', hex(credential), count(*)
    FROM access WHERE credential IN (SELECT credential FROM credential_met) GROUP BY credential
)
SELECT s.strong_cases AS cases
FROM shared AS s JOIN flagged_entity AS f USING (kind, entity) JOIN whole AS w USING (kind, entity)
WHERE len(s.strong_cases) > 1 AND f.strong >= $suspicious * w.accesses
UNION
SELECT s.weak_cases
FROM shared AS s JOIN flagged_entity AS f USING (kind, entity) JOIN whole AS w USING (kind, entity)
WHERE len(s.weak_cases) > 1 AND f.flagged >= $suspicious * w.accesses
