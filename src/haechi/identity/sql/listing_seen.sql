-- When all facts of a kind were listed whole in a system, as far as is known at $at.
CREATE OR REPLACE TEMP TABLE listing_seen AS
SELECT
    system,
    object AS kind,
    time,
    arg_min(source, (source, seq)) AS source,
    arg_min(seq, (source, seq)) AS seq,
    arg_min(evidence, (source, seq)) AS evidence
FROM fact
WHERE kind = 'listing' AND time <= $at
GROUP BY system, object, time
