-- Each case's entities, with what they did in all during the case's hours. `own` where most of it is the case's, or where
-- a finding is about it: that stays named though it does honest work as well.
CREATE OR REPLACE TEMP TABLE own_entity AS
SELECT
    e.case_no, e.kind, e.entity, e.flagged, sum(h.accesses)::BIGINT AS accesses,
    e.flagged >= $suspicious * sum(h.accesses) OR a.entity IS NOT NULL AS own
FROM case_entity AS e
JOIN case_span AS s USING (case_no)
JOIN entity_hour AS h ON h.kind = e.kind AND h.entity = e.entity AND h.hour BETWEEN s.first AND s.last
LEFT JOIN (
    SELECT DISTINCT c.case_no, f.entity_kind AS kind, f.entity
    FROM case_finding AS c
    JOIN flagged_by AS f USING (finding)
) AS a ON a.case_no = e.case_no AND a.kind = e.kind AND a.entity = e.entity
GROUP BY e.case_no, e.kind, e.entity, e.flagged, a.entity
