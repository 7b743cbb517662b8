-- Look-ups at work for which the actor had no reason of their own, in teams for which reasons are collected. Few are left.
--   passed_on: somebody else of the team had a reason
CREATE OR REPLACE TEMP TABLE unexplained_look AS
SELECT k.*, g.n IS NOT NULL AS passed_on
FROM staff_look AS k
SEMI JOIN judged_team AS j ON j.team = k.team
LEFT JOIN given_reason AS g ON g.source = k.source AND g.seq = k.seq
WHERE g.own IS DISTINCT FROM true;
