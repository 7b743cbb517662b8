-- The registry in the same slices as a large case's subjects: read once, and not once for each slice.
SELECT
    subject,
    kind,
    withdrawn,
    (hash(subject) % {slices})::INTEGER AS slice
FROM subject
WHERE subject IS NOT NULL
