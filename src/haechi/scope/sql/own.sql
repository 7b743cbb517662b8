-- The subjects of a slice whose own pages were shown, a row each kind of page. A file is nobody's own.
SELECT
    subject AS person,
    shown AS times,
    first,
    last,
    bits,
    ebits,
    listed,
    guest,
    withdrawn
FROM {page}
WHERE existed
  AND shown > 0
  AND NOT starts_with(subject, 'path:/')
