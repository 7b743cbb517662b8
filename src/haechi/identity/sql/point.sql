-- What is known of each thing at one time: what was said of it, and whole lists that no longer name it.
CREATE OR REPLACE TEMP TABLE point AS
WITH timeline AS (
    SELECT kind, system, time, true AS is_listing FROM listing_seen
    UNION ALL
    SELECT DISTINCT kind, system, time, false FROM sighting
),
next_listing AS (
    SELECT
        *,
        min(CASE WHEN is_listing THEN time END) OVER (
            PARTITION BY kind, system ORDER BY time
            RANGE BETWEEN INTERVAL 1 MICROSECOND FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS listed
    FROM timeline
),
followed AS (
    SELECT s.*, n.listed, lead(s.time) OVER (PARTITION BY s.thing ORDER BY s.time) AS next_said
    FROM sighting AS s
    JOIN next_listing AS n ON n.kind = s.kind AND n.system = s.system AND n.time = s.time
    WHERE NOT n.is_listing
)
SELECT
    thing, time, voice.state AS state, voice.source AS source, voice.seq AS seq, voice.evidence AS evidence, person, first,
    last, how
FROM followed
UNION ALL
-- A whole list that does not name it any more: it is dead since then at the latest.
SELECT
    f.thing, f.listed, 'dead', l.source, l.seq, 'not listed any more: ' || l.evidence, f.person, NULL, NULL, f.how
FROM followed AS f
JOIN listing_seen AS l ON l.kind = f.kind AND l.system = f.system AND l.time = f.listed
WHERE f.voice.state <> 'dead' AND coalesce(f.listed < f.next_said, true)
