-- Groups of cases that share a mostly suspicious entity: $suspicious of all that it did in the cases' hours is flagged.
-- Behaviour flags all that a busy entity did, so among cases with stronger reasons only the strongly flagged accesses
-- count, and among the others only what a finding about something else flags: a carrier's address that is over its
-- budget does not weld the strangers behind it.
WITH about AS (
    SELECT finding, entity_kind AS kind, entity, dense_rank() OVER (ORDER BY entity_kind, entity) AS about
    FROM flagged_by
),
about_entity AS (
    SELECT DISTINCT kind, entity, about FROM about
),
-- The smallest and the largest number of what the findings are about: both are an entity's own where no other tells.
flagged_once AS (
    SELECT f.source, f.seq, bool_or(c.strong) AS strong, min(b.about) AS about_first, max(b.about) AS about_last
    FROM flagged AS f
    JOIN case_finding AS c USING (finding)
    JOIN about AS b USING (finding)
    GROUP BY f.source, f.seq
),
-- A case of busy addresses alone meets what most of it is: it meets all else because people are there. A case with
-- strong reasons meets what these flag: the rest of it may be strangers'.
place AS (
    SELECT c.case_no, bool_and(b.kind = 'client_ip' AND NOT c.strong) AS busy
    FROM case_finding AS c
    JOIN about AS b USING (finding)
    GROUP BY c.case_no
),
-- Credentials are met by the million: only those that several cases met are looked at.
credential_met AS (
    SELECT case_no, credential, count(*) AS flagged, count(*) FILTER (strong) AS strong
    FROM case_access
    WHERE credential IS NOT NULL
    GROUP BY case_no, credential
    QUALIFY count(*) OVER (PARTITION BY credential) > 1
),
met AS (
    SELECT m.case_no, m.kind, m.entity
    FROM (
        SELECT case_no, kind, entity, flagged, strong FROM case_entity
        UNION ALL
        SELECT case_no, 'credential', hex(credential), flagged, strong FROM credential_met
    ) AS m
    JOIN place AS p USING (case_no)
    JOIN case_size AS z USING (case_no)
    JOIN case_span AS s USING (case_no)
    WHERE (NOT p.busy OR m.flagged >= $suspicious * z.accesses) AND (NOT s.strong OR m.strong > 0)
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
flagged_seen AS (
    SELECT a.key, a.client_ip, a.client, a.actor, a.credential, f.strong, f.about_first, f.about_last
    FROM flagged_once AS f
    JOIN access AS a USING (source, seq)
),
flagged_kind AS (
    SELECT 'key' AS kind, key AS entity, strong, about_first, about_last, count(*) AS accesses
    FROM flagged_seen WHERE key IN (SELECT entity FROM shared WHERE kind = 'key') GROUP BY ALL
    UNION ALL
    SELECT 'client_ip', client_ip, strong, about_first, about_last, count(*)
    FROM flagged_seen WHERE client_ip IN (SELECT entity FROM shared WHERE kind = 'client_ip') GROUP BY ALL
    UNION ALL
    SELECT 'client', client, strong, about_first, about_last, count(*)
    FROM flagged_seen WHERE client IN (SELECT entity FROM shared WHERE kind = 'client') GROUP BY ALL
    UNION ALL
    SELECT 'actor', actor, strong, about_first, about_last, count(*)
    FROM flagged_seen WHERE actor IN (SELECT entity FROM shared WHERE kind = 'actor') GROUP BY ALL
    UNION ALL
    SELECT 'credential', hex(credential), strong, about_first, about_last, count(*)
    FROM flagged_seen WHERE credential IN (SELECT credential FROM credential_met) GROUP BY ALL
),
flagged_entity AS (
    SELECT
        f.kind, f.entity,
        coalesce(sum(f.accesses) FILTER (e.about IS NULL OR f.about_first <> e.about OR f.about_last <> e.about), 0) AS flagged,
        coalesce(sum(f.accesses) FILTER (f.strong), 0) AS strong
    FROM flagged_kind AS f
    LEFT JOIN about_entity AS e ON e.kind = f.kind AND e.entity = f.entity
    GROUP BY f.kind, f.entity
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
