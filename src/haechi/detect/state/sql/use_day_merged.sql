-- Blocks of use_day as one.
SELECT
    client_ip, client, key, actor, day,
    bit_or(hours) AS hours, sum(requests)::BIGINT AS requests, sum(personal)::BIGINT AS personal,
    sum(other)::BIGINT AS other, min(someone) AS someone,
    nullif(max(coalesce(someone_else, someone)), min(someone)) AS someone_else
FROM state_part
GROUP BY client_ip, client, key, actor, day
