/* ---
id = "shared-outside"
title = "A disk, database or image opened to another account"
tier = "purpose"
severity = "high"
means = "A snapshot of a disk or database, or a machine's image, was opened to another cloud account, or to everybody. Whoever it was opened to can copy all that is in it, and no record here will show it."
normal = """
Accounts of one's own organisation: list them in own_accounts.
Taking a permission away, or changing a name, opens nothing. A refused call opened nothing.
A declared purpose of the account explains what it shares.
"""
attack = ["T1537"]
needs = ["access"]
window = "day"
sentence = "{entity} opened {evidence_what} to {evidence_accounts}: {accesses:call}."
clause = "{entity} opened {evidence_what} to {evidence_accounts}"

[params.own_accounts]
default = []
unit = "accounts"
meaning = "Numbers of one's own cloud accounts, twelve digits each."
--- */
WITH opened AS (
    SELECT
        source, seq, actor, path,
        regexp_extract(path, '(imageId|snapshotId|dBSnapshotIdentifier|dBClusterSnapshotIdentifier)=([^&]*)', 2) AS what,
        list_filter(
            regexp_extract_all(regexp_extract(path, '(?:^|&)add=(.*)$', 1), '"(\d{12}|all)"', 1),
            lambda account: NOT list_contains($own_accounts::VARCHAR[], account)
        ) AS accounts
    FROM access
    WHERE method IN ('ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
        AND time IS NOT NULL AND actor IS NOT NULL AND outcome IS DISTINCT FROM 'failure'
)
SELECT
    o.source, o.seq, 'actor' AS entity_kind, o.actor AS entity, o.what AS evidence_what,
    CASE WHEN list_contains(o.accounts, 'all') THEN 'everybody'
        ELSE 'account ' || array_to_string(list_sort(o.accounts), ', ') END AS evidence_accounts
FROM opened AS o
ANTI JOIN explained AS e ON e.source = o.source AND e.seq = o.seq
WHERE len(o.accounts) > 0
