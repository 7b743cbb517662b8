-- What one address did with one client on one local day: a visit, or the visits of those who share both. Accounts at
-- work are left out. The columns are those of visit_hour.
CREATE OR REPLACE TEMP TABLE visit AS
SELECT
    v.client_ip,
    v.client,
    l.local::DATE AS day,
    sum(v.personal)::BIGINT AS personal,
    sum(v.other)::BIGINT AS other,
    sum(v.logins)::BIGINT AS logins,
    sum(v.failed)::BIGINT AS failed,
    min(v.someone_first) AS someone_first,
    max(v.someone_last) AS someone_last
FROM visit_hour AS v
JOIN local_hour AS l ON l.hour = v.hour
GROUP BY v.client_ip, v.client, day;
