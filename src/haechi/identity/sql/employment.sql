-- The rows of the list of people that count. Of a list that is read again only the last reading that names the person
-- does: a hire date that was corrected is no second employment.
CREATE OR REPLACE TEMP TABLE employment AS
WITH reading AS (
    -- A file that grows is one reading: it begins with the last batch from the file's start. A file that continues a
    -- copy of another under a new name belongs to that one's.
    SELECT b.source, b.seq_from, b.seq_to, arg_max(s.seq_from, (s.path = b.path, s.seq_from)) AS reading
    FROM batch AS b
    LEFT JOIN batch AS s
        ON s.table_name = 'person' AND s.source = b.source AND s.begins = 0 AND s.seq_from <= b.seq_from
    WHERE b.table_name = 'person'
    GROUP BY b.source, b.seq_from, b.seq_to
)
SELECT p.*
FROM person AS p
LEFT JOIN reading AS r ON r.source = p.source AND p.seq BETWEEN r.seq_from AND r.seq_to
QUALIFY
    coalesce(r.reading, 0) = max(coalesce(r.reading, 0)) OVER (PARTITION BY p.source, p.person)
    AND p.seq = max(p.seq) OVER (PARTITION BY p.source, p.person, p.account, p.joined)
