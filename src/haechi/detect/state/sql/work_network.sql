-- As detect/sql/work_network.sql, of carried state.
CREATE OR REPLACE TEMP TABLE work_network AS
SELECT actor, client_network(client_ip) AS network, day, sum(requests)::BIGINT AS accesses
FROM use_day
WHERE client_ip IS NOT NULL AND actor IN (SELECT w.actor FROM worker AS w)
GROUP BY ALL
