-- Each stretch for which a thing was alive: gaps and islands over what is known of it. One row a stretch; a thing that
-- was never seen alive has one row without `seen`.
--
--   since      when it began: as told, else when it was first seen alive; NULL where it was never seen alive
--   seen       when it was last seen alive
--   gone       by when this stretch had ended: as told, else when that was first seen; NULL where it goes on
--   state      the last word on the thing: alive, dead, unknown; the same on all its rows
--   asked      when somebody last looked
--   last       whether this is the last stretch of the thing
--   source, seq, evidence            what tells that it began
--   end_source, end_seq, end_evidence  what tells that it ended, or the last word where it goes on
CREATE OR REPLACE TEMP TABLE lived AS
WITH latest AS (
    SELECT
        kind,
        system,
        account,
        object,
        version,
        max(person) AS person,
        max(how) AS how,
        max(time) AS time,
        arg_max(state, time) AS state,
        arg_max(source, time) AS source,
        arg_max(seq, time) AS seq,
        arg_max(evidence, time) AS evidence,
        min(CASE WHEN state = 'dead' THEN least(time, last) END) AS died
    FROM point
    GROUP BY ALL
),
last_listing AS (
    SELECT kind, system, max(time) AS listed FROM listing_seen GROUP BY kind, system
),
thing AS (
    SELECT
        t.*,
        -- What no list names stays dead as often as the list is made.
        CASE WHEN t.state = 'dead' THEN greatest(t.time, l.listed) ELSE t.time END AS asked
    FROM latest AS t
    LEFT JOIN last_listing AS l ON l.kind = t.kind AND l.system = t.system
),
marked AS (
    SELECT
        *,
        CASE
            WHEN state = lag(state) OVER (
                PARTITION BY kind, system, account, object, version ORDER BY time
            ) THEN 0
            ELSE 1
        END AS turns
    FROM point
    WHERE state <> 'unknown'
),
numbered AS (
    SELECT
        *,
        sum(turns) OVER (PARTITION BY kind, system, account, object, version ORDER BY time) AS island
    FROM marked
),
island AS (
    SELECT
        kind,
        system,
        account,
        object,
        version,
        island,
        any_value(state) AS state,
        min(time) AS begins,
        max(time) AS ends,
        min(first) AS first,
        min(last) AS last,
        arg_min(source, time) AS source,
        arg_min(seq, time) AS seq,
        arg_min(evidence, time) AS evidence
    FROM numbered
    GROUP BY ALL
),
chained AS (
    SELECT
        *,
        lag(ends) OVER thing AS before,
        lead(begins) OVER thing AS then_begins,
        lead(last) OVER thing AS then_last,
        lead(source) OVER thing AS then_source,
        lead(seq) OVER thing AS then_seq,
        lead(evidence) OVER thing AS then_evidence
    FROM island
    WINDOW thing AS (PARTITION BY kind, system, account, object, version ORDER BY island)
),
stretch AS (
    SELECT
        *,
        CASE WHEN first < begins AND coalesce(first > before, true) THEN first ELSE begins END AS since,
        CASE WHEN then_last BETWEEN ends AND then_begins THEN then_last ELSE then_begins END AS gone
    FROM chained
    WHERE state = 'alive'
)
SELECT
    t.kind,
    t.system,
    t.account,
    t.object,
    t.version,
    t.person,
    t.how,
    s.since,
    s.ends AS seen,
    CASE WHEN s.since IS NULL THEN t.died ELSE s.gone END AS gone,
    t.state,
    t.asked,
    s.begins IS NULL
    OR s.begins = max(s.begins) OVER (PARTITION BY t.kind, t.system, t.account, t.object, t.version) AS last,
    coalesce(s.source, t.source) AS source,
    coalesce(s.seq, t.seq) AS seq,
    coalesce(s.evidence, t.evidence) AS evidence,
    coalesce(s.then_source, t.source) AS end_source,
    coalesce(s.then_seq, t.seq) AS end_seq,
    coalesce(s.then_evidence, t.evidence) AS end_evidence
FROM thing AS t
LEFT JOIN stretch AS s
    ON s.kind = t.kind AND s.system = t.system AND s.account = t.account AND s.object = t.object
    AND s.version = t.version
