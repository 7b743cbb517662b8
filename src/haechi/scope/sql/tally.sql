-- What a slice adds to the counters of requests and ghosts. A subject stands once for each kind of page.
SELECT
    coalesce(sum(requests), 0)::BIGINT AS requests,
    coalesce(sum(shown) FILTER (existed), 0)::BIGINT AS requests_shown,
    (SELECT count(*) FROM (SELECT DISTINCT subject FROM {page} WHERE NOT existed AND subject IS NOT NULL)) AS ghosts
FROM {page}
