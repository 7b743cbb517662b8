-- One row a subject and kind of page, for one slice of the subjects; and what the registry says of them: whether each
-- ever existed. Where no registry was collected every subject counts as existing: nobody can be ruled out.
-- `bits` are the fields seen, `ebits` the fields exported (numbered in scope_set); never merged. They travel as decimals:
-- Parquet has no 128-bit integer.
WITH merged AS (
    SELECT
        c.subject,
        c.mask,
        count(*) AS requests,
        count(*) FILTER (c.succeeded) AS shown,
        count(*) FILTER (c.succeeded AND c.exported) AS exports,
        min(c.time) FILTER (c.succeeded) AS first,
        max(c.time) FILTER (c.succeeded) AS last,
        coalesce(bit_or(s.bits::HUGEINT) FILTER (c.succeeded AND NOT c.exported), 0) AS bits,
        coalesce(bit_or(s.bits::HUGEINT) FILTER (c.succeeded AND c.exported), 0) AS ebits
    FROM {seen} AS c
    LEFT JOIN scope_set AS s ON c.fields = s.fields
    GROUP BY c.subject, c.mask
),

known AS (
{known}
)

SELECT
    m.subject,
    m.mask,
    m.requests,
    m.shown,
    m.exports,
    m.first,
    m.last,
    m.bits::DECIMAL(38, 0) AS bits,
    m.ebits::DECIMAL(38, 0) AS ebits,
    k.subject IS NOT NULL AS listed,
    k.guest,
    k.withdrawn,
    m.subject IS NOT NULL
        AND (NOT {registry} OR k.subject IS NOT NULL OR starts_with(m.subject, 'path:/')) AS existed
FROM merged AS m
LEFT JOIN known AS k ON m.subject = k.subject
