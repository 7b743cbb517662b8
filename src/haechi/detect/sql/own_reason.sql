-- Accesses at work for which the actor has a reason, each with one of these (the closest: a ticket rather than a
-- purpose). Made once a run; without reasons nothing is read for it.
CREATE OR REPLACE TEMP TABLE own_reason AS
WITH acting AS NOT MATERIALIZED (
    SELECT source, seq, time, actor, subject, route, path, fields
    FROM acting_access
    WHERE time IS NOT NULL AND actor_kind IS DISTINCT FROM 'member'
),
-- One join for each way in which a reason names accesses, so that each is by hash.
candidate AS (
    SELECT a.source, a.seq, a.time, a.route, a.fields AS shown, h.*
    FROM acting AS a
    JOIN reason_holder AS h ON h.actor = a.actor AND h.subject = a.subject AND a.time BETWEEN h.since AND h.until
    UNION ALL
    -- The page of the ticket or order itself, which may name no person.
    SELECT a.source, a.seq, a.time, a.route, a.fields, h.*
    FROM (
        SELECT * EXCLUDE (path), unnest(string_split(split_part(path, '?', 1), '/')) AS segment
        FROM acting
        WHERE subject IS NULL AND actor IN (SELECT r.actor FROM reason_holder AS r WHERE r.kind IN ('order', 'ticket'))
    ) AS a
    JOIN (FROM reason_holder WHERE kind IN ('order', 'ticket') AND reference <> '') AS h
        ON h.actor = a.actor AND h.reference = a.segment AND a.time BETWEEN h.since AND h.until
    UNION ALL
    SELECT a.source, a.seq, a.time, a.route, a.fields, h.*
    FROM acting AS a
    JOIN (FROM reason_holder WHERE subject IS NULL AND kind IN ('approval', 'purpose', 'answer')) AS h
        ON h.actor = a.actor AND a.time BETWEEN h.since AND h.until
    UNION ALL
    -- Work that waits for whoever is free.
    SELECT a.source, a.seq, a.time, a.route, a.fields, h.*
    FROM acting AS a
    JOIN (FROM reason_holder WHERE actor IS NULL) AS h
        ON h.subject = a.subject AND a.time BETWEEN h.since AND h.until AND a.actor <> a.subject
),
fitting AS (
    SELECT
        source, seq, time, kind, window_begin, window_end, days, n,
        -- Few reasons have a window: only for these is the local time worked out.
        CASE WHEN window_begin IS NOT NULL OR days IS NOT NULL
            THEN (time AT TIME ZONE 'UTC') AT TIME ZONE (SELECT zone FROM workspace_setting) END AS local
    FROM candidate
    WHERE (routes IS NULL OR list_contains(routes, route))
        AND (fields IS NULL OR shown = '' OR list_has_all(string_split(fields, ','), string_split(shown, ',')))
),
dated AS (
    SELECT
        *,
        hour(local) * 60 + minute(local) AS at_minute,
        -- Behind midnight, a window still belongs to the day on which it began.
        (local - CASE WHEN hour(local) * 60 + minute(local) < window_end - 1440 THEN INTERVAL 1 DAY
            ELSE INTERVAL 0 DAY END)::DATE AS on_day
    FROM fitting
)
SELECT
    source,
    seq,
    arg_min(
        n,
        (CASE kind WHEN 'ticket' THEN 1 WHEN 'order' THEN 2 WHEN 'relation' THEN 3 WHEN 'approval' THEN 4 ELSE 5 END, n)
    ) AS n
FROM dated
WHERE (window_begin IS NULL OR at_minute BETWEEN window_begin AND window_end - 1 OR at_minute < window_end - 1440)
    AND (
        days IS NULL
        OR list_contains(days, lower(strftime(on_day, '%a')))
        OR list_contains(days, day(on_day)::VARCHAR)
        OR (list_contains(days, 'last') AND on_day = last_day(on_day))
    )
GROUP BY source, seq;
