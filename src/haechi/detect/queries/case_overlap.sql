-- How many accesses two findings both flag.
SELECT a.finding AS one, b.finding AS other, count(*) AS accesses
FROM flagged AS a
JOIN flagged AS b USING (source, seq)
WHERE a.finding < b.finding
GROUP BY ALL
ORDER BY ALL
