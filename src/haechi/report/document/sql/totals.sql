-- The month in one line.
SELECT
    coalesce(sum(requests), 0)::BIGINT AS requests,
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown,
    coalesce(sum(requests) FILTER (refused), 0)::BIGINT AS refused,
    (SELECT count(*) FROM (SELECT subject FROM report_people GROUP BY subject)) AS persons,
    (SELECT count(*) FROM (SELECT actor FROM report_access WHERE actor IS NOT NULL GROUP BY actor)) AS accounts,
    (SELECT count(*) FROM report_address) AS addresses,
    coalesce(sum(requests) FILTER (action = 'export' AND NOT refused), 0)::BIGINT AS exports,
    coalesce(sum(bytes), 0)::BIGINT AS bytes_sent,
    min(first) AS first,
    max(last) AS last
FROM report_part
