-- Whom the list of people knows, and when they left. People can come back: the last departure counts, and only if no
-- row says that the person is there. Of a list that is read again only the last reading that names the person counts:
-- a hire date that was corrected is no second employment.
WITH reading AS (
    -- A file that grows is one reading: it begins with the last batch from the file's start. A file that continues a
    -- copy of another under a new name belongs to that one's.
    SELECT
        b.source,
        b.seq_from,
        b.seq_to,
        (
            SELECT arg_max(s.seq_from, (s.path = b.path, s.seq_from)) FROM batch AS s
            WHERE s.table_name = 'person' AND s.source = b.source AND s.begins = 0 AND s.seq_from <= b.seq_from
        ) AS reading
    FROM batch AS b
    WHERE b.table_name = 'person'
),
listed AS (
    SELECT p.*
    FROM person AS p
    LEFT JOIN reading AS r ON r.source = p.source AND p.seq BETWEEN r.seq_from AND r.seq_to
    QUALIFY
        coalesce(r.reading, 0) = max(coalesce(r.reading, 0)) OVER (PARTITION BY p.source, p.person)
        AND p.seq = max(p.seq) OVER (PARTITION BY p.source, p.person, p.account, p.joined)
)
SELECT
    person,
    CASE WHEN bool_and(departed IS NOT NULL) THEN max(departed) END AS departed,
    arg_max(source, (coalesce(departed, joined), source, seq)) AS source,
    arg_max(seq, (coalesce(departed, joined), source, seq)) AS seq
FROM listed
GROUP BY person
ORDER BY person
