-- On which days, at which hours of the local day, an account at work was there. An inspection of some days takes it, for all
-- days, from carried state.
CREATE OR REPLACE TEMP TABLE work_hour AS
SELECT DISTINCT actor, day, hour(hour) AS h FROM working;
