-- One batch of an answer, with text and times made plain. Times with a zone become UTC.
INSERT INTO scope_exposed
SELECT
    $exposes,
    subject::VARCHAR,
    person::VARCHAR,
    fields::VARCHAR,
    try_cast(since AS TIMESTAMPTZ)::TIMESTAMP,
    try_cast(until AS TIMESTAMPTZ)::TIMESTAMP
FROM scope_answer
WHERE subject IS NOT NULL AND person IS NOT NULL
