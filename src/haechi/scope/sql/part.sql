-- One row a subject and kind of page, for one chunk: written out by slice of subjects, so that no step holds them all.
-- `bits` are the fields seen, `ebits` the fields exported (numbered in scope_set); never merged. They travel as decimals:
-- Parquet has no 128-bit integer.
SELECT
    c.subject,
    c.mask,
    count(*) AS requests,
    count(*) FILTER (c.succeeded) AS shown,
    count(*) FILTER (c.succeeded AND c.exported) AS exports,
    min(c.time) FILTER (c.succeeded) AS first,
    max(c.time) FILTER (c.succeeded) AS last,
    coalesce(bit_or(s.bits::HUGEINT) FILTER (c.succeeded AND NOT c.exported), 0)::DECIMAL(38, 0) AS bits,
    coalesce(bit_or(s.bits::HUGEINT) FILTER (c.succeeded AND c.exported), 0)::DECIMAL(38, 0) AS ebits,
    (coalesce(hash(c.subject), 0) % {slices})::INTEGER AS slice
FROM scope_chunk AS c
LEFT JOIN scope_set AS s ON c.fields = s.fields
GROUP BY c.subject, c.mask
