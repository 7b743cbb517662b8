-- What a slice adds to the counters of requests and ghosts.
SELECT
    coalesce(sum(requests), 0)::BIGINT AS requests,
    coalesce(sum(shown) FILTER (existed), 0)::BIGINT AS requests_shown,
    count(DISTINCT subject) FILTER (NOT existed) AS ghosts
FROM scope_page
