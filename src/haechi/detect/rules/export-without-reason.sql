/* ---
id = "export-without-reason"
title = "Exports without a stated reason"
tier = "purpose"
severity = "high"
means = "An account at work took data out (a download, a print-out, a copy) and no approval, ticket or declared purpose covers it. Korean law asks for the reason of every download by those who handle personal data (Safety Measures, article 8)."
normal = """
An export within an approval of the same account, for the same page and fields where the approval names them, is explained. So is a declared purpose.
What was refused took nothing out. Members who download their own data are not at work.
Where no approvals are collected, only accounts with a declared purpose are judged: others' exports can have no reason on record. Where there are no purposes either, the rule does not run.
"""
attack = ["T1213", "T1567"]
needs = ["export_reason"]
window = "day"
carry = """
-- Who exports but little on the day may have done more on others.
SELECT 'actor' AS entity_kind, actor AS entity
FROM working AS a
ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq
WHERE action = 'export' AND $min_exports > 1
GROUP BY actor
"""
sentence = "{entity} exported data without an approval: {accesses:request}{evidence_sent}."
clause = "{entity} exported data without an approval"
unknown = """
SELECT count(*), 'of accounts for which neither approvals are collected nor purposes declared'
FROM working AS a
ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq
WHERE a.action = 'export' AND a.actor IS DISTINCT FROM a.subject
    AND coalesce(a.outcome = 'success', a.status < 400, true)
    AND NOT EXISTS (FROM export_reason AS r WHERE r.actor IS NULL OR r.actor = a.actor)
HAVING count(*) > 0
"""

[params.min_exports]
default = 1
unit = "accesses"
meaning = "An account with fewer is left alone."
--- */
WITH bare AS (
    SELECT a.source, a.seq, a.actor, a.bytes
    FROM working AS a
    ANTI JOIN explained AS e ON e.source = a.source AND e.seq = a.seq
    WHERE a.action = 'export' AND a.actor IS DISTINCT FROM a.subject
        AND coalesce(a.outcome = 'success', a.status < 400, true)
        AND EXISTS (FROM export_reason AS r WHERE r.actor IS NULL OR r.actor = a.actor)
),
total AS (
    SELECT actor, coalesce(format(' ({:,} bytes)', sum(bytes)::BIGINT), '') AS sent
    FROM bare GROUP BY actor HAVING count(*) >= $min_exports
)
SELECT b.source, b.seq, 'actor' AS entity_kind, b.actor AS entity, t.sent AS evidence_sent
FROM bare AS b JOIN total AS t ON t.actor = b.actor
