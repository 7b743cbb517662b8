-- The accesses of a large case, with the slice of their subject: written once, and then read slice by slice.
SELECT
    source,
    time,
    subject,
    subjects,
    fields,
    bytes,
    exported,
    succeeded,
    mask,
    (coalesce(hash(subject), 0) % {slices})::INTEGER AS slice
FROM scope_seen
