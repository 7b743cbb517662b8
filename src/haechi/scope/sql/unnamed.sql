-- Accesses that showed personal data and do not say whose: a lower bound of what the persons counted leave out.
SELECT
    count(*) AS requests,
    coalesce(sum(subjects), 0)::BIGINT AS entries
FROM scope_chunk
WHERE succeeded
  AND subject IS NULL
  AND (fields IS NOT NULL OR subjects > 0)
