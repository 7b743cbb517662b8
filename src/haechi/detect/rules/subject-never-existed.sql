/* ---
id = "subject-never-existed"
title = "Data of people who do not exist"
tier = "provenance"
severity = "high"
means = "Somebody asks for members who were never registered, or not until later: they count or guess numbers instead of following links and log-ins."
normal = """
People mistype. A key or address is flagged only with at least min_subjects such subjects that are also at least min_share of all subjects it asked for, each counted once a day: who rings up every week is asked for again, a mistyped number never is.
Members who joined after the registry was collected look alike: collect it again. Where no subject at all stands in the registry, the two name people in different ways, and nothing is flagged.
Failed accesses count (the question was asked), refused ones (401, 403) do not.
"""
attack = ["T1119", "T1589"]
needs = ["subject"]
window = "day"
carry = """
-- All that an address asked for, and of a key, which may be everybody's, the whole store.
SELECT DISTINCT CASE WHEN key IS NULL AND EXISTS (FROM known_subject) THEN 'client_ip' ELSE 'all' END AS entity_kind, client_ip AS entity
FROM strange_subject
WHERE standing <> 'withdrawn' AND coalesce(key, client_ip) IS NOT NULL
"""
sentence = "{accesses:request} ({kind} {entity}) asked for {subjects:person|people} who did not exist."
clause = "{subjects} of the people asked for did not exist"
unknown = """
SELECT count(*), 'naming people otherwise than the registry does' FROM strange_subject
HAVING count(*) > 0 AND NOT EXISTS (FROM known_subject)
"""

[params.min_subjects]
default = 10
unit = "persons"
meaning = "Fewer such subjects of one key or address are typing errors."

[params.min_share]
default = 0.05
unit = "share of persons a day"
meaning = "A smaller share of all its subjects, counted day by day, is what honest use of that size gives."
--- */
WITH ghost AS (
    SELECT
        source,
        seq,
        time::DATE AS day,
        subject,
        standing,
        CASE WHEN key IS NOT NULL THEN 'key' ELSE 'client_ip' END AS entity_kind,
        coalesce(key, client_ip) AS entity
    FROM strange_subject
    WHERE standing <> 'withdrawn' AND coalesce(key, client_ip) IS NOT NULL
        AND EXISTS (FROM known_subject)
),
many AS (
    SELECT entity_kind, entity, count(*) AS ghosts
    FROM (SELECT DISTINCT entity_kind, entity, subject, day FROM ghost)
    GROUP BY ALL
    HAVING count(DISTINCT subject) >= $min_subjects
),
asked AS (
    SELECT entity_kind, entity, count(*) AS subjects
    FROM (
        SELECT DISTINCT m.entity_kind, m.entity, a.subject, a.time::DATE AS day
        FROM subject_access AS a
        JOIN many AS m
            ON m.entity = coalesce(a.key, a.client_ip)
            AND m.entity_kind = CASE WHEN a.key IS NOT NULL THEN 'key' ELSE 'client_ip' END
    )
    GROUP BY ALL
)
SELECT g.source, g.seq, g.entity_kind, g.entity, g.subject, g.standing AS evidence_standing
FROM ghost AS g
JOIN many AS m USING (entity_kind, entity)
JOIN asked AS t USING (entity_kind, entity)
WHERE m.ghosts >= $min_share * t.subjects
