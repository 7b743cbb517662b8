-- All cases together against the truth, as counts of exact sets.
-- In: true_request, true_person (truth); found_request, found_person (one row a case and claim).
-- A claim without an identity (NULL node or count) matches nothing and so counts against precision, each time.
WITH claimed_request AS (
    SELECT DISTINCT node, node_seq FROM found_request WHERE node IS NOT NULL AND node_seq IS NOT NULL
)

, hit AS (
    SELECT t.time
    FROM true_request AS t
    SEMI JOIN claimed_request AS c ON t.node = c.node AND t.node_seq = c.node_seq
)

, detection AS (
    SELECT count(*) AS hits, epoch_us(min(time)) AS at_us, min(time) AS at_time FROM hit
)

, claimed_person AS (
    SELECT DISTINCT person, kind = 'non_member' AS outside FROM found_person
)

, right_person AS (
    SELECT c.person
    FROM claimed_person AS c
    INNER JOIN true_person AS t ON c.person = t.person AND c.outside = (t.kind = 'non_member')
)

SELECT
    (SELECT count(*) FROM true_request) AS bad
    , (SELECT count(*) FROM claimed_request)
    + (SELECT count(*) FROM found_request WHERE node IS NULL OR node_seq IS NULL) AS flagged
    , detection.hits AS hit
    , (SELECT epoch_us(min(time)) FROM true_request) AS first_bad_us
    , detection.at_us AS detected_us
    , (SELECT count(*) FROM true_person) AS persons
    , (SELECT count(*) FROM claimed_person) AS claimed
    , (SELECT count(*) FROM right_person) AS right_persons
    , (
        SELECT count(*)
        FROM true_person
        WHERE detection.at_time IS NULL OR first_shown <= detection.at_time
    ) AS exposed
FROM detection
