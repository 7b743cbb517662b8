-- The partials of one slice of subjects, merged; and whether the registry says that each of them ever existed.
-- Where no registry was collected ($registry is false) every subject counts as existing: nobody can be ruled out.
CREATE OR REPLACE TEMP TABLE scope_page AS
WITH merged AS (
    SELECT
        subject,
        mask,
        sum(requests)::BIGINT AS requests,
        sum(shown)::BIGINT AS shown,
        sum(exports)::BIGINT AS exports,
        min(first) AS first,
        max(last) AS last,
        bit_or(bits::HUGEINT) AS bits,
        bit_or(ebits::HUGEINT) AS ebits
    FROM {part}
    GROUP BY subject, mask
),

known AS (
    SELECT r.subject
    FROM subject AS r
    SEMI JOIN merged AS m ON r.subject = m.subject
)

SELECT
    m.*,
    m.subject IS NOT NULL
        AND (NOT $registry OR k.subject IS NOT NULL OR starts_with(m.subject, 'path:/')) AS existed
FROM merged AS m
LEFT JOIN (SELECT DISTINCT subject FROM known) AS k ON m.subject = k.subject
