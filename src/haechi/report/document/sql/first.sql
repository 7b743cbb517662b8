-- In which quarter of an hour each of some entities acts first: where its name is found again.
SELECT {column} AS entity, min(quarter) AS quarter
FROM report_seen
WHERE {column} IN (SELECT entity FROM report_candidate)
GROUP BY {column}
