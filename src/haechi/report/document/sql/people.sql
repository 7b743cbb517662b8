-- Whose data was shown on which days: each person once, with a bit for each day; then how many have the same days.
CREATE OR REPLACE TEMP TABLE report_people AS
SELECT days, count(*) AS persons
FROM (
    SELECT subject, subject_2, bit_or(1::UINTEGER << (day - 1)::UINTEGER) AS days
    FROM report_seen
    WHERE shown AND subject IS NOT NULL
    GROUP BY subject, subject_2
)
GROUP BY days
