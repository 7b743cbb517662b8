-- The people of a case as they are written out: field sets in words, in the order of the persons.
SELECT
    p.person,
    p.kind,
    p.through,
    p.first,
    p.last,
    p.times,
    seen.fields,
    exported.fields AS fields_exported
FROM {person} AS p
LEFT JOIN {words} AS seen ON p.bits = seen.bits
LEFT JOIN {words} AS exported ON p.ebits = exported.bits
ORDER BY p.person
