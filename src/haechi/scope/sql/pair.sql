-- Pairs (whose page, who stood on it) with one entry that stood there all the time: the page's totals are theirs.
-- A member's own entry in the own book adds fields, but no further access: that one is counted already.
INSERT INTO scope_pair
SELECT
    r.person,
    r.subject,
    r.kind,
    CASE WHEN r.person = r.subject THEN 0 ELSE r.shown END AS times,
    r.first,
    r.last,
    CASE WHEN r.shown > r.exports THEN r.bits ELSE 0 END AS bits,
    CASE WHEN r.exports > 0 THEN r.bits ELSE 0 END AS ebits
FROM scope_reach AS r
ANTI JOIN scope_slow AS w ON r.subject = w.subject AND r.person = w.person
