-- The month by everything that has few different values.
CREATE OR REPLACE TEMP TABLE report_part AS
SELECT
    (time + {offset})::DATE AS day,
    hour(time + {offset}) AS hour,
    p.* EXCLUDE (time)
FROM (
    SELECT
        make_timestamp(quarter * 900000000::BIGINT) AS time,
        export,
        shown,
        refused,
        count(*) AS requests,
        count(actor) FILTER (shown) AS who,
        count(address) FILTER (shown) AS place,
        count(*) FILTER (shown AND (subject IS NOT NULL OR told)) AS whose,
        count(*) FILTER (shown AND what) AS what,
        count(*) FILTER (unknown) AS unknown
    FROM report_seen
    GROUP BY quarter, export, shown, refused
) AS p
