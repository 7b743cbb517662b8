/* ---
id = "@ID@"
title = "@TITLE@"
tier = "behaviour"
severity = "medium"
means = "An account exported the data of many different people within the records that are looked at."
normal = """
Accounts that export by their task are listed in declared.
"""
attack = ["T1213"]
needs = ["access"]
sentence = "Account {entity} exported the data of {subjects:person|people} in {accesses:request}."
clause = "account {entity} exported the data of {subjects:person|people}"

[params.min_persons]
default = 20
unit = "persons"
meaning = "Fewer people in the exports of one account are daily work."

[params.declared]
default = []
unit = "accounts"
meaning = "Accounts whose task it is."
--- */
-- A rule returns the accesses that it flags: source and seq name the record, entity_kind and entity whom the finding
-- is about. One finding is made of each entity. The columns of access: docs/formats.md.
WITH many AS (
    SELECT actor
    FROM access
    WHERE action = 'export' AND subject IS NOT NULL AND actor NOT IN (SELECT unnest($declared::VARCHAR[]))
    GROUP BY actor
    HAVING count(DISTINCT subject) >= $min_persons
)
SELECT source, seq, 'actor' AS entity_kind, actor AS entity
FROM access
WHERE action = 'export' AND actor IN (SELECT actor FROM many)
