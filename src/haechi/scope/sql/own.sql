-- The subjects of a slice whose own pages were shown, all kinds of pages together. A file is nobody's own.
SELECT
    subject AS person,
    sum(shown)::BIGINT AS times,
    min(first) AS first,
    max(last) AS last,
    bit_or(bits::HUGEINT)::DECIMAL(38, 0) AS bits,
    bit_or(ebits::HUGEINT)::DECIMAL(38, 0) AS ebits
FROM {page}
WHERE existed
  AND shown > 0
  AND NOT starts_with(subject, 'path:/')
GROUP BY subject
