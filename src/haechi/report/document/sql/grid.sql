-- Hours of the week, Monday first.
SELECT isodow(day) AS weekday, hour, sum(requests)::BIGINT AS requests, coalesce(sum(requests) FILTER (shown), 0)::BIGINT AS shown
FROM report_part
GROUP BY ALL
ORDER BY weekday, hour
