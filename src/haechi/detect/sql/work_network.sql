-- From which networks an account at work came on each local day, and how often. An inspection of some days takes it, for all
-- days, from carried state.
CREATE OR REPLACE TEMP TABLE work_network AS
SELECT actor, client_network(client_ip) AS network, day, count(*) AS accesses
FROM working
WHERE client_ip IS NOT NULL
GROUP BY ALL;
