/* ---
id = "canary-touched"
title = "A made-up person looked at"
tier = "purpose"
severity = "high"
means = "The page of a canary was shown. Canaries are persons in the registry whom nobody is: they never log in, order or ring up, so that nobody has a reason to look at one. Whoever does walks through the registry, or took the numbers from it."
normal = """
A declared purpose, or an approval, that covers everybody covers the canaries too.
What was refused or found nobody showed nothing.
"""
attack = ["T1213", "T1119"]
needs = ["subject"]
window = "day"
sentence = "{accesses:request} ({kind} {entity}) showed {subjects:made-up person|made-up persons} whom nobody has a reason to look at."
clause = "{subjects:made-up person was|made-up persons were} looked at"
--- */
WITH canary AS (
    -- Hardly ever one: then no access is looked at.
    SELECT s.subject FROM subject_seen AS s SEMI JOIN (FROM subject WHERE canary) AS c ON c.subject = s.subject
)
SELECT
    a.source, a.seq,
    -- Who looked: staff by their account; what pretends to be the canary itself, by what it came with.
    CASE
        WHEN a.actor <> a.subject THEN 'actor'
        WHEN a.key IS NOT NULL THEN 'key'
        ELSE 'client_ip'
    END AS entity_kind,
    CASE WHEN a.actor <> a.subject THEN a.actor ELSE coalesce(a.key, a.client_ip) END AS entity,
    a.subject
FROM (FROM subject_access WHERE coalesce(outcome = 'success', status < 400, true)) AS a
SEMI JOIN canary AS s ON s.subject = a.subject
ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq
WHERE coalesce(a.key, a.client_ip, a.actor) IS NOT NULL
