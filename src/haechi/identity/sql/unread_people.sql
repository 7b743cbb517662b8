-- Lines of the list of people that could not be read, where they stand: nobody knows whom they are about. A line in whose
-- place the same file says something else since is not asked for any more.
SELECT a.path, a.line, a.reason
FROM aside AS a
JOIN batch AS b ON b.source = a.source AND a.seq BETWEEN b.seq_from AND b.seq_to
WHERE b.table_name = 'person'
    AND NOT list_contains($no_record, a.reason)
    AND NOT EXISTS (
        FROM batch AS l
        WHERE l.table_name = 'person' AND l.source = b.source AND l.path = b.path AND l.seq_from > b.seq_from
            AND l.begins <= a."offset"
    )
ORDER BY a.path, a.line
