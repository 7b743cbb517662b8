-- Teams for whom reasons are collected: most of its members have a reason for most persons whom they look up. The others'
-- reasons stand somewhere that was not collected, and what they lack says nothing.
--   usual: the share of persons without a reason that is usual in the team. A median: a few who are bribed move nothing
CREATE OR REPLACE TEMP TABLE judged_team AS
SELECT team, median(unexplained / persons) AS usual, count(*) AS actors
FROM (SELECT team, actor, sum(unexplained) AS unexplained, sum(persons) AS persons FROM look_day GROUP BY ALL)
GROUP BY team
HAVING median(unexplained / persons) < 0.5;
