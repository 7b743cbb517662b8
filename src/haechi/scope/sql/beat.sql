-- The case's accesses by the minute and by the fields that they showed: few rows, from which all is read that does not
-- ask for whom. Unnamed accesses showed personal data and do not say whose: a lower bound of what the persons leave out.
CREATE OR REPLACE TEMP TABLE scope_beat AS
SELECT
    source,
    epoch_us(time) // {beat} AS beat,
    fields,
    count(*) AS requests,
    count(*) FILTER (succeeded AND unnamed) AS unnamed,
    coalesce(sum(subjects) FILTER (succeeded AND unnamed), 0)::BIGINT AS entries,
    coalesce(bit_or(mask) FILTER (succeeded), 0) AS touched,
    coalesce(max(subjects) FILTER (succeeded), 0)::BIGINT AS most,
    min(bytes) FILTER (succeeded AND subject IS NOT NULL AND bytes > 0) AS smallest,
    coalesce(bool_or(starts_with(subject, 'path:/')) FILTER (succeeded), FALSE) AS files
FROM (
    SELECT *, subject IS NULL AND (nullif(fields, '') IS NOT NULL OR subjects > 0) AS unnamed
    FROM {seen}
)
GROUP BY ALL
