SELECT case_no, count(credential) AS credentials
FROM (
    SELECT DISTINCT case_no, credential
    FROM case_access
)
GROUP BY case_no
HAVING count(credential) > 0
