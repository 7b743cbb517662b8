-- Accesses that showed personal data and do not say whose: a lower bound of what the persons counted leave out.
-- And which [[exposes]] the shown pages touch, how many persons one of them showed at most by its own count, and
-- how small the smallest page was that showed somebody; and whether a file of many people is among them.
WITH shown AS (
    SELECT mask, subjects, subject, bytes, subject IS NULL AND (nullif(fields, '') IS NOT NULL OR subjects > 0) AS unnamed
    FROM scope_chunk
    WHERE succeeded
)

SELECT
    count(*) FILTER (unnamed) AS requests,
    coalesce(sum(subjects) FILTER (unnamed), 0)::BIGINT AS entries,
    coalesce(bit_or(mask), 0) AS touched,
    coalesce(max(subjects), 0)::BIGINT AS most,
    min(bytes) FILTER (subject IS NOT NULL AND bytes > 0) AS smallest,
    coalesce(bool_or(starts_with(subject, 'path:/')), FALSE) AS files
FROM shown
