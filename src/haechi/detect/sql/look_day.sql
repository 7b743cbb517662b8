-- For each worker and local day: how many persons were looked up, and how many of these without anybody's reason.
CREATE OR REPLACE TEMP TABLE look_day AS
SELECT team, actor, day, count(*) AS persons, count(*) FILTER (NOT explained) AS unexplained
FROM (
    SELECT k.team, k.actor, k.day, k.subject, bool_or(g.n IS NOT NULL) AS explained
    FROM staff_look AS k
    LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
    GROUP BY ALL
)
GROUP BY ALL;
