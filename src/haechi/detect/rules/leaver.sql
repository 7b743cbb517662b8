/* ---
id = "leaver"
title = "Somebody who had left"
tier = "provenance"
severity = "high"
means = "An account of a person was used after the person had departed; or credentials that were never issued bear a key that the person could read, from after the departure. The second is exposure, not proof: everybody who could read the key is named, with the entry of the audit log where there is one."
normal = """
The day of departure itself is work (grace). An account that passed to somebody who is there is that person's.
A leaver who is also a member keeps the member account: accesses by members are not matched with staff accounts. Refused accesses (401, 403) show that the lock holds.
"""
attack = ["T1078", "T1552.004"]
needs = ["person"]
window = "day"
carry = """
-- A day on which an issuer vouches for nothing may be any day of a mute issuer's. One that was refused counts where the
-- same address got through on another day.
SELECT 'all' AS entity_kind, '' AS entity FROM mute_issuer
UNION ALL
SELECT DISTINCT CASE WHEN u.client_ip IS NULL THEN 'all' ELSE 'client_ip' END, u.client_ip
FROM unvouched_access AS u
ANTI JOIN never_issued_access AS n ON n.source = u.source AND n.seq = u.seq
WHERE u.verdict = 'never'
"""
sentence = "{entity}, who departed on {evidence_departed}, {evidence_basis}: {accesses:request} since then."
clause = "{entity}, who departed on {evidence_departed}, {evidence_basis}"

[params.grace]
default = "1d"
unit = "duration"
meaning = "How long after the departure an access with one's own account is still work."
--- */
WITH listed AS (
    -- A list that is read again tells each employment again: its last row counts.
    FROM person QUALIFY seq = max(seq) OVER (PARTITION BY source, person, account, joined)
),
account_access AS (
    SELECT a.source, a.seq, p.person, p.departed, 'went on using account ' || p.account AS basis, NULL AS key
    FROM access AS a
    JOIN listed AS p ON p.account = a.actor AND a.time > p.departed + $grace
    WHERE a.actor_kind IS DISTINCT FROM 'member' AND coalesce(a.status, 0) NOT IN (401, 403)
        -- Whoever holds the account now: a successor, or the person themself after coming back.
        AND NOT EXISTS (
            FROM employment AS h
            WHERE h.account = a.actor AND coalesce(h.joined <= a.time, h.person <> p.person)
                AND coalesce(h.departed + $grace > a.time, true)
        )
),
gone AS (
    -- People can come back: the last departure counts, and only if nothing says that the person is there.
    SELECT person, max(departed) AS departed FROM employment
    GROUP BY person HAVING bool_and(departed IS NOT NULL)
),
key_access AS (
    SELECT
        f.source, f.seq, g.person, g.departed,
        CASE r.how
            WHEN 'exported' THEN 'exported key '
            WHEN 'read' THEN 'read key '
            WHEN 'written' THEN 'wrote key '
            WHEN 'signed' THEN 'signed with key '
            ELSE 'could read key '
        END || r.kid
        || coalesce(strftime((r.since AT TIME ZONE 'UTC') AT TIME ZONE zone, ' on %Y-%m-%d'), '')
        || coalesce(' (' || r.told || ')', '') AS basis,
        r.kid AS key
    FROM never_issued_access AS f
    JOIN key_reader AS r ON r.kid = f.key AND r.issuer = f.issuer
    JOIN gone AS g ON g.person = r.person AND f.time >= g.departed
    CROSS JOIN workspace_setting
    -- What was read after the access was not used for it.
    WHERE coalesce(r.since <= f.time, true)
)
SELECT
    source,
    seq,
    'person' AS entity_kind,
    person AS entity,
    -- A departure is a day of the workspace's calendar, not of UTC's.
    strftime((departed AT TIME ZONE 'UTC') AT TIME ZONE zone, '%Y-%m-%d') AS evidence_departed,
    basis AS evidence_basis,
    key AS evidence_key
FROM (FROM account_access UNION ALL FROM key_access)
CROSS JOIN workspace_setting
