-- How many of the requests that showed personal data tell each item that a record of access has to tell.
SELECT
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown,
    coalesce(sum(who), 0)::BIGINT AS who,
    coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS "when",
    coalesce(sum(place), 0)::BIGINT AS "where",
    coalesce(sum(whose), 0)::BIGINT AS whose,
    coalesce(sum(what), 0)::BIGINT AS what,
    coalesce(sum(unknown), 0)::BIGINT AS route_unknown,
    (SELECT count(*) FROM access WHERE time IS NULL) AS no_time
FROM report_part
