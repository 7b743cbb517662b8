-- How an account used a program, over all its accesses, for accounts that ever were other than a member: who only ever was
-- one is at no work (worker.sql), and in a shop's log that is nearly everybody. It adds up: state keeps it by blocks of
-- batches, and of everybody, since another block may tell more of an account.
CREATE OR REPLACE TEMP VIEW actor_use AS
WITH by_client AS (
    SELECT
        actor, actor_kind, client, count(*) AS accesses,
        bool_or(subject = actor) AS own,
        min(subject) FILTER (subject <> actor) AS first_other,
        max(subject) FILTER (subject <> actor) AS last_other,
        bool_or(subject IS NULL AND (subjects > 1 OR nullif(fields, '') IS NOT NULL)) AS looks,
        bool_or(
            path IS NULL AND status IS NULL AND subject IS NULL AND action NOT IN ('login', 'logout', 'refresh')
        ) AS direct
    FROM access
    WHERE actor IN (SELECT actor FROM access WHERE actor_kind IS DISTINCT FROM 'member')
    GROUP BY actor, actor_kind, client
)
-- Versions and devices are no difference between two colleagues' programs.
SELECT
    actor, actor_kind, regexp_extract(coalesce(client, ''), '^[A-Za-z_.-]*') AS program, sum(accesses)::BIGINT AS accesses,
    bool_or(own) AS own,
    min(first_other) AS first_other,
    max(last_other) AS last_other,
    bool_or(looks) AS looks,
    bool_or(direct) AS direct
FROM by_client
GROUP BY actor, actor_kind, program;
