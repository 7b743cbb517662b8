-- For the pairs in scope_slow: the accesses of one chunk at which an entry of the pair stood on the page.
-- Each access counts once for a pair, however many of its entries it showed.
INSERT INTO scope_touch
WITH touched AS (
    SELECT
        r.person,
        r.subject,
        any_value(r.kind) AS kind,
        any_value(c.time) AS time,
        any_value(c.exported) AS exported,
        bit_or(r.bits::HUGEINT) AS bits
    FROM scope_chunk AS c
    INNER JOIN scope_slow AS r ON c.subject = r.subject AND c.mask & r.bit <> 0
    WHERE c.succeeded
      AND coalesce(r.since <= c.time, TRUE)
      AND coalesce(r.until > c.time, TRUE)
    GROUP BY r.person, r.subject, c.source, c.seq
)

SELECT
    person,
    subject,
    any_value(kind) AS kind,
    CASE WHEN person = subject THEN 0 ELSE count(*) END AS times,
    min(time) AS first,
    max(time) AS last,
    coalesce(bit_or(bits::HUGEINT) FILTER (NOT exported), 0) AS bits,
    coalesce(bit_or(bits::HUGEINT) FILTER (exported), 0) AS ebits
FROM touched
GROUP BY person, subject
