-- One row a natural person, for one slice of persons: what the own pages and others' pages showed of them.
-- Kind: the registry's word where it knows the person; who had withdrawn at any shown access counts as withdrawn.
WITH shown AS (
    SELECT person, TRUE AS own, 0 AS books, 'member' AS kind, times, first, last, bits, ebits
    FROM {own}
    UNION ALL
    SELECT person, FALSE, (person <> subject)::INTEGER, kind, times, first, last, bits, ebits
    FROM {pair}
),

merged AS (
    SELECT
        person,
        bool_or(own) AS own,
        sum(books)::BIGINT AS books,
        min(kind) AS kind,  -- member before non_member before withdrawn; the registry overrules it below
        sum(times)::BIGINT AS times,
        min(first) AS first,
        max(last) AS last,
        bit_or(bits::HUGEINT) AS bits,
        bit_or(ebits::HUGEINT) AS ebits
    FROM shown
    GROUP BY person
),

registry AS (
    SELECT
        r.subject,
        bool_and(coalesce(r.kind = 'non_member', FALSE)) AS guest,
        max(coalesce(
            r.withdrawn,
            CASE WHEN r.kind = 'withdrawn' THEN '-infinity'::TIMESTAMP ELSE 'infinity'::TIMESTAMP END
        )) AS withdrawn
    FROM {subject} AS r
    SEMI JOIN merged AS m ON r.subject = m.person
    GROUP BY r.subject
)

SELECT
    m.person,
    CASE
        WHEN r.subject IS NULL THEN m.kind
        WHEN r.guest THEN 'non_member'
        WHEN r.withdrawn <= m.last THEN 'withdrawn'
        ELSE 'member'
    END AS kind,
    m.own,
    CASE WHEN m.books > 0 THEN m.books END AS through,
    m.first,
    m.last,
    m.times,
    m.bits::DECIMAL(38, 0) AS bits,
    m.ebits::DECIMAL(38, 0) AS ebits
FROM merged AS m
LEFT JOIN registry AS r ON m.person = r.subject
