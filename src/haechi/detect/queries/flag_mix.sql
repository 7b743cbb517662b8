INSERT INTO flagged_mix
SELECT
    f.finding, a.key, a.client_ip, a.client, a.route, a.outcome,
    count(*), min(a.time), max(a.time), max(a.subjects)
FROM flagged AS f
JOIN access AS a USING (source, seq)
WHERE f.finding >= $base
GROUP BY ALL
