-- The entries of one [[exposes]] that stood on a shown page, for one slice of subjects.
-- `whole`: the entry stood there at every shown access of its subject, so that the page's totals are the entry's.
-- Entries that stood there for a part only are looked at access by access (touch.sql).
INSERT INTO scope_reach
WITH page AS (
    SELECT
        subject,
        sum(shown)::BIGINT AS shown,
        sum(exports)::BIGINT AS exports,
        min(first) AS first,
        max(last) AS last
    FROM {page}
    WHERE existed
      AND shown > 0
      AND mask & $bit <> 0
    GROUP BY subject
),

entry AS (
    SELECT
        e.subject,
        e.person,
        coalesce(s.bits, 0) AS bits,
        e.since,
        e.until,
        coalesce(e.since <= p.first, TRUE) AND coalesce(e.until > p.last, TRUE) AS whole,
        p.shown,
        p.exports,
        p.first,
        p.last
    FROM scope_exposed AS e
    INNER JOIN page AS p ON e.subject = p.subject
    LEFT JOIN scope_set AS s ON e.fields = s.fields
    WHERE e.exposes = $exposes
      AND coalesce(e.since <= p.last, TRUE)
      AND coalesce(e.until > p.first, TRUE)
)

SELECT
    $bit AS bit,
    subject,
    person,
    bit_or(bits::HUGEINT) AS bits,
    whole,
    CASE WHEN NOT whole THEN since END AS since,
    CASE WHEN NOT whole THEN until END AS until,
    any_value(shown) AS shown,
    any_value(exports) AS exports,
    any_value(first) AS first,
    any_value(last) AS last,
    $kind AS kind
FROM entry
GROUP BY ALL
