-- Blocks of actor_use as one.
SELECT
    actor, actor_kind, program, sum(accesses)::BIGINT AS accesses,
    bool_or(own) AS own, min(first_other) AS first_other, max(last_other) AS last_other,
    bool_or(looks) AS looks, bool_or(direct) AS direct
FROM state_part
GROUP BY actor, actor_kind, program
