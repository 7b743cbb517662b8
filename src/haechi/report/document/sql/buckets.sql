-- How many credentials saw how many persons, by powers of ten: 1, 2 to 9, 10 to 99, ...
WITH persons AS (
    SELECT 1 AS persons, credentials FROM report_credential WHERE entity IS NULL
    UNION ALL
    SELECT persons, count(*) FROM report_credential_persons GROUP BY persons
)
SELECT
    CASE WHEN persons = 1 THEN 1 WHEN persons < 10 THEN 2 ELSE power(10, floor(log10(persons)))::BIGINT END AS least,
    CASE WHEN persons = 1 THEN 1 ELSE (power(10, floor(log10(persons)) + 1) - 1)::BIGINT END AS most,
    sum(credentials)::BIGINT AS credentials
FROM persons
WHERE credentials > 0
GROUP BY ALL
ORDER BY least
