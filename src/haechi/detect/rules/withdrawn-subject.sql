/* ---
id = "withdrawn-subject"
title = "Data of people who had withdrawn"
tier = "purpose"
severity = "medium"
means = "Data of members was shown after they had withdrawn: it should have been deleted or kept apart, and nobody had a reason to see it."
normal = """
The first day after the withdrawal (grace). An old application that tries and fails. An actor, key or address is flagged only with at least min_subjects such people that are also at least min_share of all it was shown.
Accounts with a declared purpose, such as keeping records that the law demands, are listed in declared.
"""
attack = ["T1213"]
needs = ["subject"]
window = "day"
carry = """
-- All that an address or an account was shown, and of a key, which may be everybody's, the whole store.
WITH late AS (
    SELECT key, client_ip, actor, coalesce(actor <> subject, false) AS other
    FROM strange_subject
    WHERE time > withdrawn + $grace AND coalesce(outcome = 'success', status < 400, true)
        AND coalesce(actor, '') NOT IN (SELECT unnest($declared::VARCHAR[]))
)
SELECT 'actor' AS entity_kind, actor AS entity FROM late WHERE actor IS NOT NULL
UNION
SELECT CASE WHEN key IS NULL THEN 'client_ip' ELSE 'all' END, client_ip FROM late
WHERE NOT other AND coalesce(key, client_ip) IS NOT NULL
"""
sentence = "{accesses:request} ({kind} {entity}) showed data of {subjects:person|people} after they had withdrawn."
clause = "{subjects:person|people} had withdrawn before"

[params.grace]
default = "1d"
unit = "duration"
meaning = "How long after the withdrawal an access is still part of it."

[params.min_subjects]
default = 10
unit = "persons"
meaning = "Fewer are accidents."

[params.min_share]
default = 0.05
unit = "share of persons"
meaning = "A smaller share of all persons shown is what honest use of that size gives."

[params.declared]
default = []
unit = "accounts"
meaning = "Accounts with a declared purpose for withdrawn members."
--- */
WITH late AS (
    SELECT source, seq, subject, entity_kind, entity
    FROM strange_subject
    WHERE time > withdrawn + $grace AND entity IS NOT NULL AND coalesce(outcome = 'success', status < 400, true)
        AND coalesce(actor, '') NOT IN (SELECT unnest($declared::VARCHAR[]))
),
many AS (
    SELECT entity_kind, entity, count(*) AS withdrawn
    FROM (SELECT DISTINCT entity_kind, entity, subject FROM late)
    GROUP BY ALL
    HAVING count(*) >= $min_subjects
),
everyone AS (
    SELECT entity_kind, entity, count(*) AS subjects
    FROM (
        SELECT DISTINCT entity_kind, entity, subject
        FROM subject_access
        SEMI JOIN many USING (entity_kind, entity)
        WHERE coalesce(outcome = 'success', status < 400, true)
            AND coalesce(actor, '') NOT IN (SELECT unnest($declared::VARCHAR[]))
    )
    GROUP BY ALL
)
SELECT l.source, l.seq, l.entity_kind, l.entity, l.subject
FROM late AS l
JOIN many AS m USING (entity_kind, entity)
JOIN everyone AS e USING (entity_kind, entity)
WHERE m.withdrawn >= $min_share * e.subjects
