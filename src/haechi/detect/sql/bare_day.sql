-- For each client, address and key, of all days: its requests for a person's pages on the day, and those of bare visits.
--   most: no more persons than these can be among the bare ones
CREATE OR REPLACE TEMP TABLE bare_day AS
SELECT
    'client' AS kind, client AS entity, day,
    sum(personal)::BIGINT AS requests,
    coalesce(sum(personal) FILTER (other = 0), 0)::BIGINT AS bare,
    coalesce(sum(CASE WHEN someone_first = someone_last THEN 1 ELSE personal END) FILTER (other = 0), 0)::BIGINT AS most
FROM every_visit WHERE client IS NOT NULL GROUP BY client, day
UNION ALL
SELECT
    'client_ip', client_ip, day, sum(personal)::BIGINT, coalesce(sum(personal) FILTER (other = 0), 0)::BIGINT,
    coalesce(sum(CASE WHEN someone_first = someone_last THEN 1 ELSE personal END) FILTER (other = 0), 0)::BIGINT
FROM every_visit WHERE client_ip IS NOT NULL GROUP BY client_ip, day
UNION ALL
SELECT 'key', key, day, requests, bare, bare FROM key_day;
