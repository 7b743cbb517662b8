-- What this rule flags, with what is counted of it.
SELECT
    f.finding, a.time, a.key, a.client_ip, a.client, a.route, a.outcome, a.subjects, a.credential, a.actor, a.subject
FROM flagged AS f
JOIN access AS a USING (source, seq)
WHERE f.finding >= $base
