-- Requests of the cases by local day, each once a case.
CREATE OR REPLACE TEMP TABLE report_case_day AS
SELECT
    case_id, day,
    sum(requests)::BIGINT AS requests,
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown,
    count(subject) FILTER (shown) AS persons
FROM (
    SELECT case_id, day, subject, subject_2, shown, sum(requests) AS requests
    FROM (
        SELECT unnest(string_split(held, ',')) AS case_id, day, subject, subject_2, shown, requests
        FROM (SELECT held, day, subject, subject_2, shown, count(*) AS requests FROM report_flagged GROUP BY ALL)
    )
    GROUP BY ALL
)
GROUP BY case_id, day
