-- Requests of the cases in the month.
INSERT INTO report_flagged
SELECT
    held, DATE '{day}' + (day - 1)::INTEGER, true, subject, subject_2, actor, address, credential, shown
FROM report_seen
WHERE held IS NOT NULL
