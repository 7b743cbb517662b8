-- The accesses of entities that a rule named with a span. One kind at a time, so that each is joined by hash.
WITH named AS (
    SELECT f.finding, f.entity, r.first_seen, r.last_seen
    FROM flagged_by AS f
    JOIN rule_rows AS r USING (entity_kind, entity)
    WHERE f.entity_kind = $kind AND f.finding >= $base
),
acted AS (
    SELECT
        a.source,
        a.seq,
        a.time,
        CASE $kind
            WHEN 'credential' THEN lower(hex(a.credential))
            WHEN 'key' THEN a.key
            WHEN 'client_ip' THEN a.client_ip
            WHEN 'client' THEN a.client
            WHEN 'actor' THEN a.actor
            WHEN 'person' THEN p.person
            WHEN 'subject' THEN a.subject
            WHEN 'issuer' THEN a.issuer
        END AS entity
    FROM access AS a
    -- An account can be several persons', one after the other.
    LEFT JOIN (SELECT DISTINCT account, person FROM person) AS p ON $kind = 'person' AND p.account = a.actor
)
INSERT INTO flagged_row
SELECT DISTINCT n.finding, a.source, a.seq
FROM named AS n
JOIN acted AS a ON a.entity = n.entity AND a.time BETWEEN n.first_seen AND n.last_seen
