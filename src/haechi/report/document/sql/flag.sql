-- Requests of the cases by local day, each once a case: of their whole span, since a case does not end with a month.
CREATE OR REPLACE TEMP TABLE report_case_day AS
WITH member AS (
    SELECT DISTINCT m.case_id, f.source, f.seq
    FROM flag AS f
    JOIN report_case AS m ON m.finding = f.finding
),
met AS (
    SELECT
        m.case_id, (a.time + {offset})::DATE AS day, a.client_ip, a.actor,
        asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS subject,
        nullif(a.fields, '') IS NOT NULL AND coalesce(a.outcome = 'success', coalesce(a.bytes, 1) <> 0) AS shown
    FROM access AS a
    JOIN member AS m ON m.source = a.source AND m.seq = a.seq
    WHERE a.time IS NOT NULL
)
SELECT
    case_id, day,
    sum(requests)::BIGINT AS requests,
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown,
    count(subject) FILTER (shown) AS persons
FROM (SELECT case_id, day, subject, shown, count(*) AS requests FROM met GROUP BY ALL)
GROUP BY case_id, day
