-- The requests of the cases, each once. `held`: the case, or where several hold it, their ids with commas between.
CREATE OR REPLACE TEMP TABLE report_member AS
SELECT source, seq, string_agg(case_id, ',' ORDER BY case_id) AS held
FROM (
    SELECT DISTINCT f.source, f.seq, m.case_id
    FROM flag AS f
    JOIN report_case AS m ON m.finding = f.finding
)
GROUP BY source, seq
