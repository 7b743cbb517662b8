-- The month's flagged requests, each once: by day, account and address.
CREATE OR REPLACE TEMP TABLE report_flag AS
SELECT a.local::DATE AS day, a.actor, a.client_ip, a.credential, a.case_id, count(*) AS requests, count(*) FILTER (a.shown) AS shown
FROM (
    SELECT r.*, f.case_id
    FROM report_access AS r
    JOIN (
        SELECT f.source, f.seq, min(m.case_id) AS case_id
        FROM flag AS f
        JOIN report_case AS m ON m.finding = f.finding
        GROUP BY f.source, f.seq
    ) AS f ON f.source = r.source AND f.seq = r.seq
) AS a
GROUP BY ALL
