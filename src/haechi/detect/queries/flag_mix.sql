INSERT INTO flagged_mix
SELECT
    finding, key, client_ip, client, route, outcome,
    count(*), min(time), max(time), max(subjects)
FROM flagged_now
GROUP BY ALL
