-- All other pairs: one entry, there all the time, so that the page's totals are theirs.
-- A member's own entry in the own book adds fields, but no further access: that one is counted already.
SELECT
    r.person,
    r.subject,
    r.kind,
    CASE WHEN r.person = r.subject THEN 0 ELSE r.shown END AS times,
    r.first,
    r.last,
    (CASE WHEN r.shown > r.exports THEN r.bits ELSE 0 END)::DECIMAL(38, 0) AS bits,
    (CASE WHEN r.exports > 0 THEN r.bits ELSE 0 END)::DECIMAL(38, 0) AS ebits,
    (hash(r.person) % {slices})::INTEGER AS slice
FROM scope_reach AS r
ANTI JOIN scope_slow AS w ON r.subject = w.subject AND r.person = w.person
