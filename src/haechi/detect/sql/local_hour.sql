-- Every UTC hour of the records, in the workspace's own zone: a day's budget is a day of the people who work and live
-- there. By the hour, since turning a time into a zone costs more than joining a short table.
CREATE OR REPLACE TEMP TABLE local_hour AS
SELECT hour, timezone(zone, timezone('UTC', hour)) AS local
FROM (SELECT DISTINCT date_trunc('hour', time) AS hour FROM access WHERE time IS NOT NULL)
CROSS JOIN workspace_setting;
