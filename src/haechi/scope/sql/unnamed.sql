-- Accesses that showed personal data and do not say whose: a lower bound of what the persons counted leave out.
-- And which [[exposes]] the shown pages touch.
WITH shown AS (
    SELECT mask, subjects, subject IS NULL AND (nullif(fields, '') IS NOT NULL OR subjects > 0) AS unnamed
    FROM scope_chunk
    WHERE succeeded
)

SELECT
    count(*) FILTER (unnamed) AS requests,
    coalesce(sum(subjects) FILTER (unnamed), 0)::BIGINT AS entries,
    coalesce(bit_or(mask), 0) AS touched
FROM shown
