-- The names of some entities, out of the few quarters of an hour that tell them all.
SELECT entity, any_value(name) AS name, any_value(kind) AS kind
FROM (
    SELECT report_hash({column}) AS entity, {name} AS name, actor_kind AS kind
    FROM report_access
    WHERE {times}
)
WHERE entity IN (SELECT entity FROM report_candidate)
GROUP BY entity
