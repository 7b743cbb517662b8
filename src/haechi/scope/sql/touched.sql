-- The chunks' shares of each slow pair become one row a pair.
INSERT INTO scope_pair
SELECT
    person,
    subject,
    any_value(kind) AS kind,
    sum(times)::BIGINT AS times,
    min(first) AS first,
    max(last) AS last,
    bit_or(bits) AS bits,
    bit_or(ebits) AS ebits
FROM scope_touch
GROUP BY person, subject
