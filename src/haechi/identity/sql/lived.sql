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
        thing,
        max(person) AS person,
        max(how) AS how,
        max(time) AS time,
        arg_max({'state': state, 'source': source, 'seq': seq, 'evidence': evidence}, time) AS word,
        min(CASE WHEN state = 'dead' THEN least(time, last) END) AS died
    FROM point
    GROUP BY thing
),
marked AS (
    SELECT *, (state IS DISTINCT FROM lag(state) OVER (PARTITION BY thing ORDER BY time))::INTEGER AS turns
    FROM point
    WHERE state <> 'unknown'
),
numbered AS (
    SELECT *, sum(turns) OVER (PARTITION BY thing ORDER BY time) AS island FROM marked
),
island AS (
    SELECT
        thing,
        island,
        any_value(state) AS state,
        min(time) AS begins,
        max(time) AS ends,
        min(first) AS first,
        min(last) AS last,
        arg_min({'source': source, 'seq': seq, 'evidence': evidence}, time) AS word
    FROM numbered
    GROUP BY thing, island
),
chained AS (
    SELECT
        *,
        lag(ends) OVER lives AS before,
        lead(begins) OVER lives AS then_begins,
        lead(last) OVER lives AS then_last,
        lead(word) OVER lives AS then_word
    FROM island
    WINDOW lives AS (PARTITION BY thing ORDER BY island)
),
stretch AS (
    SELECT
        *,
        CASE WHEN first < begins AND coalesce(first > before, true) THEN first ELSE begins END AS since,
        CASE WHEN then_last BETWEEN ends AND then_begins THEN then_last ELSE then_begins END AS gone,
        begins = max(begins) OVER (PARTITION BY thing) AS is_last
    FROM chained
    WHERE state = 'alive'
),
last_listing AS (
    SELECT kind, system, max(time) AS listed FROM listing_seen GROUP BY kind, system
)
SELECT
    n.kind,
    n.system,
    n.account,
    n.object,
    n.version,
    t.person,
    t.how,
    s.since,
    s.ends AS seen,
    CASE WHEN s.since IS NULL THEN t.died ELSE s.gone END AS gone,
    t.word.state AS state,
    -- What no list names stays dead as often as the list is made.
    CASE WHEN t.word.state = 'dead' THEN greatest(t.time, l.listed) ELSE t.time END AS asked,
    coalesce(s.is_last, true) AS last,
    coalesce(s.word.source, t.word.source) AS source,
    coalesce(s.word.seq, t.word.seq) AS seq,
    coalesce(s.word.evidence, t.word.evidence) AS evidence,
    coalesce(s.then_word.source, t.word.source) AS end_source,
    coalesce(s.then_word.seq, t.word.seq) AS end_seq,
    coalesce(s.then_word.evidence, t.word.evidence) AS end_evidence
FROM latest AS t
JOIN thing AS n ON n.thing = t.thing
LEFT JOIN last_listing AS l ON l.kind = n.kind AND l.system = n.system
LEFT JOIN stretch AS s ON s.thing = t.thing
