-- The case's accesses of one stretch of one source.
CREATE OR REPLACE TEMP TABLE scope_chunk AS
SELECT *
FROM scope_seen
WHERE source = $source
  AND seq BETWEEN $low AND $high
