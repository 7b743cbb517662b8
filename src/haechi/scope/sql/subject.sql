-- Merge the partials of one slice of subjects, and ask the registry whether each of them ever existed.
-- Where no registry was collected ($registry is false) every subject counts as existing: nobody can be ruled out.
INSERT INTO scope_subject
WITH merged AS (
    SELECT
        subject,
        sum(requests)::BIGINT AS requests,
        sum(shown)::BIGINT AS shown,
        min(first) AS first,
        max(last) AS last,
        bit_or(bits) AS bits,
        bit_or(ebits) AS ebits
    FROM scope_part
    WHERE subject IS NOT NULL
      AND hash(subject) % $slices = $slice
    GROUP BY subject
),

known AS (
    SELECT m.subject
    FROM merged AS m
    SEMI JOIN subject AS r ON m.subject = r.subject
)

SELECT
    m.subject,
    (NOT $registry OR k.subject IS NOT NULL) AS existed,
    m.requests,
    m.shown,
    m.first,
    m.last,
    m.bits,
    m.ebits
FROM merged AS m
LEFT JOIN known AS k ON m.subject = k.subject
