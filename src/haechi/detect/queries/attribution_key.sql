-- Keys of credentials that are not good, with those who could read them, and with the end of their service.
WITH used AS (
    SELECT case_no, key, min(first) AS first
    FROM suspect
    WHERE claimed AND key IS NOT NULL
    GROUP BY case_no, key
)
SELECT
    u.case_no, u.key, count(DISTINCT r.person) AS readers,
    count(DISTINCT r.person) FILTER (p.departed < u.first) AS departed,
    any_value(k.not_after) FILTER (k.not_after < u.first) AS retired
FROM used AS u
LEFT JOIN key_reader AS r ON r.kid = u.key
LEFT JOIN (SELECT person, max(departed) AS departed FROM person GROUP BY person) AS p ON p.person = r.person
LEFT JOIN key_setting AS k ON k.kid = u.key
GROUP BY u.case_no, u.key
ORDER BY u.case_no, readers DESC, u.key
