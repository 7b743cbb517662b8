-- The chunks' shares become one row a pair.
SELECT
    person,
    subject,
    any_value(kind) AS kind,
    sum(times)::BIGINT AS times,
    min(first) AS first,
    max(last) AS last,
    bit_or(bits::HUGEINT)::DECIMAL(38, 0) AS bits,
    bit_or(ebits::HUGEINT)::DECIMAL(38, 0) AS ebits,
    (hash(person) % {slices})::INTEGER AS slice
FROM scope_touch
GROUP BY person, subject
