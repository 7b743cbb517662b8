-- One row a natural person, for one slice of persons: what the own pages and others' pages showed of them.
-- Kind: the registry's word where it knows the person; who had withdrawn at any shown access counts as withdrawn.
WITH other AS (
{known}
),

shown AS (
    SELECT
        person, TRUE AS own, 0 AS books, 'member' AS kind, times, first, last, bits, ebits, listed, guest, withdrawn
    FROM {own}
    UNION ALL
    SELECT
        p.person, FALSE, (p.person <> p.subject)::INTEGER, p.kind, p.times, p.first, p.last, p.bits, p.ebits,
        o.subject IS NOT NULL, o.guest, o.withdrawn
    FROM {pair} AS p
    LEFT JOIN other AS o ON p.person = o.subject
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
        bit_or(ebits::HUGEINT) AS ebits,
        bool_or(listed) AS listed,
        bool_and(guest) AS guest,
        max(withdrawn) AS withdrawn
    FROM shown
    GROUP BY person
)

SELECT
    person,
    CASE
        WHEN NOT listed THEN kind
        WHEN guest THEN 'non_member'
        WHEN withdrawn <= last THEN 'withdrawn'
        ELSE 'member'
    END AS kind,
    own,
    CASE WHEN books > 0 THEN books END AS through,
    first,
    last,
    times,
    bits::DECIMAL(38, 0) AS bits,
    ebits::DECIMAL(38, 0) AS ebits
FROM merged
