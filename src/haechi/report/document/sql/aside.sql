-- Lines set aside in batches that reach into the month, by reason, with the first of each.
SELECT a.source, a.reason, count(*) AS lines, arg_min(a.path, a.seq) AS path, arg_min(a.line, a.seq) AS line
FROM aside AS a
JOIN batch AS b ON b.source = a.source AND a.seq BETWEEN b.seq_from AND b.seq_to
WHERE coalesce(
    b.last_time >= TIMESTAMP '{first}' AND b.first_time < TIMESTAMP '{last}',
    b.table_name NOT IN ('access', 'issuance')
)
GROUP BY a.source, a.reason
ORDER BY lines DESC, a.source, a.reason
LIMIT {most}
