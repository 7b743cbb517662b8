-- The hours of a block's records, UTC and local. A day is the local day of the hour's beginning, as in local_hour.
CREATE OR REPLACE TEMP TABLE state_hour AS
SELECT hour, timezone($zone, timezone('UTC', hour)) AS local
FROM (SELECT DISTINCT date_trunc('hour', time) AS hour FROM state_record WHERE time IS NOT NULL)
