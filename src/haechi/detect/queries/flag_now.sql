-- What this rule flags, with what is counted of it.
SELECT finding, time, key, client_ip, client, route, outcome, subjects, credential, actor, subject
FROM flagged_access
WHERE finding >= $base
