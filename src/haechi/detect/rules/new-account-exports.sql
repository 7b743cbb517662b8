/* ---
id = "new-account-exports"
title = "A new account begins with exports"
tier = "behaviour"
severity = "medium"
means = "An account at work that had never been seen while the records run exported personal data at once, several times, and from an address that no colleague uses: a forgotten account in other hands, or one that was made for it. It needs no list of people."
normal = """
Whoever starts work here begins with other things, and where colleagues work: an office, a private network. New accounts that export from an address of their colleagues are left alone.
A new service that exports from the beginning is a declared purpose; so is whatever has a reason on record.
While the records are younger than settled, every account is new, and nothing is flagged.
"""
attack = ["T1078", "T1213.006"]
needs = ["access"]
window = "day"
carry = """
-- Only accounts that were new a while ago.
SELECT 'all' AS entity_kind, '' AS entity
FROM (
    SELECT entity, min(day) AS since
    FROM entity_day
    WHERE entity_kind = 'actor' AND entity IN (SELECT w.actor FROM work AS w WHERE w.action = 'export' AND w.personal AND w.shown)
    GROUP BY entity
) AS e CROSS JOIN looked AS k
WHERE e.since + $watch + INTERVAL 2 DAY >= k.first
"""
sentence = "{entity}, never seen before {evidence_since}, began with exports: {accesses:request} from where no colleague works."
clause = "{entity}, never seen before {evidence_since}, began with exports"

[params.settled]
default = "14d"
unit = "duration"
meaning = "An account that the records do not show for so long at their beginning is new."

[params.watch]
default = "2d"
unit = "duration"
meaning = "How long after its first access a new account is watched."

[params.min_exports]
default = 3
unit = "exports"
meaning = "Fewer show somebody the way."
--- */
WITH begun AS (SELECT min(time) AS first FROM access),
first_seen AS (
    SELECT actor, min(time) AS since FROM working GROUP BY actor
),
newcomer AS (
    SELECT f.actor, f.since FROM first_seen AS f CROSS JOIN begun AS b WHERE f.since >= b.first + $settled
),
-- Where somebody else at work has been.
known_place AS (
    SELECT client_ip, min(actor) AS one, max(actor) AS other
    FROM acting_access
    WHERE at_work AND client_ip IS NOT NULL
    GROUP BY client_ip
),
taken AS (
    SELECT w.source, w.seq, w.actor, n.since
    FROM work AS w
    JOIN newcomer AS n ON n.actor = w.actor AND w.time < n.since + $watch
    JOIN known_place AS p ON p.client_ip = w.client_ip AND p.one = w.actor AND p.other = w.actor
    WHERE w.action = 'export' AND w.personal AND w.shown
),
many AS (SELECT actor FROM taken GROUP BY actor HAVING count(*) >= $min_exports)
SELECT
    t.source, t.seq, 'actor' AS entity_kind, t.actor AS entity,
    strftime((t.since AT TIME ZONE 'UTC') AT TIME ZONE zone, '%Y-%m-%d') AS evidence_since
FROM taken AS t SEMI JOIN many AS m ON m.actor = t.actor
CROSS JOIN workspace_setting
