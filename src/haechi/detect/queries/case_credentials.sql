SELECT case_no, count(credential) AS credentials
FROM (
    SELECT DISTINCT c.case_no, a.credential
    FROM case_access AS c
    JOIN access AS a USING (source, seq)
)
GROUP BY case_no
HAVING count(credential) > 0
