-- Persons by kind and set of fields: few rows, from which the counters are added up.
SELECT
    kind,
    own,
    bits::HUGEINT | ebits::HUGEINT AS bits,
    count(*) AS persons
FROM {person}
GROUP BY ALL
