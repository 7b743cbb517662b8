-- How many subjects a case asked for and how many of them no registry holds, where it holds any of them at all: otherwise the
-- two name people in different ways.
WITH asked AS (
    SELECT DISTINCT
        case_no,
        asked_subject(subject, subjects, actor, actor_kind, fields) AS subject
    FROM case_access
),
stood AS (
    SELECT a.case_no, a.subject, a.subject IN (SELECT subject FROM subject) AS known
    FROM asked AS a
    WHERE a.subject IS NOT NULL
)
SELECT
    case_no,
    count(*) AS asked,
    count(*) FILTER (NOT known) AS ghosts,
    min(subject, $listed) FILTER (NOT known) AS some
FROM stood
GROUP BY case_no
HAVING bool_or(known)
