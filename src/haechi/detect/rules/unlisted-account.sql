/* ---
id = "unlisted-account"
title = "An account that is on no list"
tier = "provenance"
severity = "high"
means = "Nearly all accounts that use a program are on the list of people (or devices), and this one, which reads personal data with the same program, is not: nobody gave it out."
normal = """
Programs whose accounts are mostly on no list (service accounts, partners) are not judged: listed_share of the accounts that use the program, and at least min_listed, must be on the list.
Somebody who has just been hired may be missing from an old list: collect it again. Those who read of fewer than min_persons people are left alone.
"""
attack = ["T1136", "T1078"]
needs = ["person"]
window = "day"
carry = """
SELECT DISTINCT 'actor' AS entity_kind, k.actor AS entity
FROM work AS k
JOIN worker AS w ON w.actor = k.actor AND NOT w.listed
WHERE k.personal AND k.shown AND w.program IN (
    SELECT program FROM worker GROUP BY program
    HAVING count(*) FILTER (listed) >= greatest($min_listed, $listed_share * count(*))
)
"""
sentence = "{entity} is on no list, unlike {evidence_listed} that use the same program: {accesses:request} for data of {subjects:person|people}."
clause = "{entity} is on no list"

[params.min_listed]
default = 20
unit = "accounts"
meaning = "Fewer listed accounts with the same program say nothing of those that are not."

[params.listed_share]
default = 0.95
unit = "share of accounts"
meaning = "So many of the accounts that use the program must be listed."

[params.min_persons]
default = 10
unit = "persons"
meaning = "Who reads of fewer people is left alone."
--- */
WITH program AS (
    SELECT program, count(*) FILTER (listed) AS listed
    FROM worker
    GROUP BY program
    HAVING count(*) FILTER (listed) >= greatest($min_listed, $listed_share * count(*))
),
strange AS (
    SELECT w.actor, p.listed
    FROM worker AS w JOIN program AS p USING (program)
    WHERE NOT w.listed
),
reading AS (
    SELECT k.actor, s.listed
    FROM work AS k JOIN strange AS s USING (actor)
    WHERE k.personal AND k.shown
    GROUP BY k.actor, s.listed
    HAVING greatest(count(DISTINCT k.asked), max(k.told)) >= $min_persons
)
SELECT k.source, k.seq, 'actor' AS entity_kind, k.actor AS entity, r.listed || ' others' AS evidence_listed
FROM work AS k JOIN reading AS r USING (actor)
WHERE k.personal AND k.shown
