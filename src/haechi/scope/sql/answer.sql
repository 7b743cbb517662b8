-- One batch of an answer, with text and times made plain. Times with a zone become UTC. Files are told by a mark
-- before their path.
INSERT INTO scope_exposed
SELECT
    $exposes,
    CASE WHEN $by_path THEN 'path:' ELSE '' END || subject::VARCHAR,
    person::VARCHAR,
    fields::VARCHAR,
    try_cast(since AS TIMESTAMPTZ)::TIMESTAMP,
    try_cast(until AS TIMESTAMPTZ)::TIMESTAMP
FROM scope_answer
WHERE subject IS NOT NULL AND person IS NOT NULL
