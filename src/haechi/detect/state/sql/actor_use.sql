-- As sql/actor_use.sql, of a block's batches.
-- Versions and devices are no difference between two colleagues' programs.
SELECT
    actor, actor_kind, regexp_extract(coalesce(client, ''), '^[A-Za-z_.-]*') AS program, count(*) AS accesses,
    bool_or(subject = actor) AS own,
    min(subject) FILTER (subject <> actor) AS first_other,
    max(subject) FILTER (subject <> actor) AS last_other,
    bool_or(subject IS NULL AND (subjects > 1 OR nullif(fields, '') IS NOT NULL)) AS looks,
    bool_or(
        path IS NULL AND status IS NULL AND subject IS NULL AND action NOT IN ('login', 'logout', 'refresh')
    ) AS direct
FROM state_record
WHERE actor IS NOT NULL
GROUP BY actor, actor_kind, program
