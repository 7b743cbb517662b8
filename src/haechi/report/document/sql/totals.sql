-- The month in one line.
SELECT
    coalesce(sum(requests), 0)::BIGINT AS requests,
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown,
    coalesce(sum(requests) FILTER (refused), 0)::BIGINT AS refused,
    (SELECT coalesce(sum(persons), 0)::BIGINT FROM report_people) AS persons,
    (SELECT count(*) FROM (SELECT actor, actor_2 FROM report_seen WHERE actor IS NOT NULL GROUP BY ALL)) AS accounts,
    (SELECT count(*) FROM report_address) AS addresses,
    coalesce(sum(requests) FILTER (export AND NOT refused), 0)::BIGINT AS exports,
    (SELECT coalesce(sum(bytes), 0)::BIGINT FROM report_read) AS bytes_sent,
    (SELECT min(first) FROM report_read) AS first,
    (SELECT max(last) FROM report_read) AS last
FROM report_part
