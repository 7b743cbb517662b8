-- Teams for whom reasons are collected: most of its members have a reason for most persons whom they look up. The others'
-- reasons stand somewhere that was not collected, and what they lack says nothing.
--   usual: the share of persons without a reason that is usual in the team. The lower median of its members, so that a few
--          who are bribed move nothing. One or two members are no measure: then 6 %, what a good reference leaves open
CREATE OR REPLACE TEMP TABLE judged_team AS
SELECT
    team, count(*) AS actors,
    CASE WHEN count(*) < 3 THEN least(quantile_disc(share, 0.5), 0.06) ELSE quantile_disc(share, 0.5) END AS usual
FROM (SELECT team, actor, sum(unexplained) / sum(persons) AS share FROM look_day GROUP BY ALL)
GROUP BY team
HAVING quantile_disc(share, 0.5) < 0.5;
