-- What a rule that returns findings says of them itself.
SELECT
    f.finding,
    min(r.first_seen) AS first_seen,
    max(r.last_seen) AS last_seen,
    sum(r.accesses)::BIGINT AS accesses,
    max(r.subjects)::BIGINT AS subjects,
    any_value(to_json(r.evidence))::VARCHAR AS evidence
FROM rule_rows AS r
JOIN flagged_by AS f USING (entity_kind, entity)
WHERE f.finding >= $base
GROUP BY f.finding
