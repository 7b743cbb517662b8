/* ---
id = "id-walk"
title = "Walking through the numbers"
tier = "behaviour"
severity = "high"
means = "People's numbers were asked for in rising or falling order: somebody counts through them. Links, log-ins and calls come in no order at all."
normal = """
For people asked for in no order, the rank correlation of time and number lies near nought (for thirty of them within 0.5 in all but one of a hundred days); gaps, some going back, and several runs side by side keep a walk's near one.
Accounts at work are judged by themselves, others by the address or client; where a client explains it, its addresses are not named again. Accesses with a reason on record are left out: a monthly job that goes through all members is a declared purpose.
Somebody who handles what comes in, in the order in which it comes (new members, new orders), walks too: list the account, client or address in declared.
"""
attack = ["T1119", "T1589"]
needs = ["personal_access"]
window = "day"
carry = """
-- Whether a walk on the day is named by its address or by its client: the client may have walked on another day.
WITH busy AS MATERIALIZED (
    SELECT client_ip, day FROM visit WHERE client_ip IS NOT NULL
    GROUP BY client_ip, day HAVING sum(personal) >= $min_persons
),
asked AS MATERIALIZED (
    SELECT r.client_ip, r.day, r.number, r.time, r.client
    FROM numbered_request AS r JOIN busy AS b ON b.client_ip = r.client_ip AND b.day = r.day
    WHERE r.actor IS NULL AND r.number IS NOT NULL
),
ranked AS (
    SELECT
        client_ip, day,
        row_number() OVER (PARTITION BY client_ip, day ORDER BY first, number) AS by_time,
        row_number() OVER (PARTITION BY client_ip, day ORDER BY number) AS by_number
    FROM (SELECT client_ip, day, number, min(time) AS first FROM asked GROUP BY ALL)
),
walk AS (
    SELECT client_ip, day FROM ranked GROUP BY ALL
    HAVING count(*) >= $min_persons AND round(abs(corr(by_time, by_number)), 9) >= $order
)
SELECT DISTINCT 'client' AS entity_kind, a.client AS entity
FROM asked AS a JOIN walk AS w USING (client_ip, day)
WHERE a.client IS NOT NULL AND a.client_ip NOT IN (SELECT unnest($declared::VARCHAR[]))
"""
sentence = "{kind} {entity} asked for {subjects:person|people} in the order of their numbers ({evidence_order})."
clause = "{kind} {entity} went through people in the order of their numbers"

[params.min_persons]
default = 30
unit = "persons a day"
meaning = "Fewer can be in order by chance."

[params.order]
default = 0.8
unit = "rank correlation"
meaning = "From so much, it is a walk; 1 is perfect order, up or down."

[params.declared]
default = []
unit = "accounts, clients, addresses"
meaning = "Who handles people in the order in which they come."
--- */
-- Each person once a day and entity, when first asked for. First the cheap question: who asked often enough at all?
WITH busy AS MATERIALIZED (
    SELECT 'actor' AS kind, actor AS entity, day FROM working
    WHERE nullif(fields, '') IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
    GROUP BY actor, day HAVING count(*) >= $min_persons
    UNION ALL
    SELECT 'client', client, day FROM visit WHERE client IS NOT NULL AND other = 0
    GROUP BY client, day HAVING sum(personal) >= $min_persons
    UNION ALL
    SELECT 'client_ip', client_ip, day FROM visit WHERE client_ip IS NOT NULL
    GROUP BY client_ip, day HAVING sum(personal) >= $min_persons
),
suspect AS MATERIALIZED (
    SELECT b.kind, b.entity, r.source, r.seq, r.time, r.day, r.asked, r.number, r.client
    FROM numbered_request AS r JOIN busy AS b ON b.kind = 'actor' AND b.entity = r.actor AND b.day = r.day
    UNION ALL
    SELECT b.kind, b.entity, r.source, r.seq, r.time, r.day, r.asked, r.number, r.client
    FROM numbered_request AS r
    JOIN busy AS b ON b.kind = 'client' AND b.entity = r.client AND b.day = r.day
    -- A client is many people's: only those of its visits that went straight to personal pages can be a walk's.
    JOIN visit AS v ON coalesce(v.client_ip, '') = coalesce(r.client_ip, '') AND v.client = r.client AND v.day = r.day
    WHERE r.actor IS NULL AND v.other = 0
    UNION ALL
    SELECT b.kind, b.entity, r.source, r.seq, r.time, r.day, r.asked, r.number, r.client
    FROM numbered_request AS r JOIN busy AS b ON b.kind = 'client_ip' AND b.entity = r.client_ip AND b.day = r.day WHERE r.actor IS NULL
),
ranked AS (
    SELECT
        kind, entity, day,
        row_number() OVER (PARTITION BY kind, entity, day ORDER BY first, number) AS by_time,
        row_number() OVER (PARTITION BY kind, entity, day ORDER BY number) AS by_number
    FROM (SELECT kind, entity, day, number, min(time) AS first FROM suspect WHERE number IS NOT NULL GROUP BY ALL)
),
walk AS (
    SELECT kind, entity, day, count(*) AS persons, corr(by_time, by_number) AS ordered
    FROM ranked
    WHERE entity NOT IN (SELECT unnest($declared::VARCHAR[]))
    GROUP BY kind, entity, day
    HAVING count(*) >= $min_persons AND round(abs(corr(by_time, by_number)), 9) >= $order
),
-- An address whose client walks is the client's: a script's many addresses are one finding.
named AS (
    SELECT
        s.source, s.seq, s.asked, w.day, w.persons, w.ordered,
        CASE WHEN c.entity IS NULL THEN s.kind ELSE 'client' END AS entity_kind,
        coalesce(c.entity, s.entity) AS entity
    FROM suspect AS s
    JOIN walk AS w ON w.kind = s.kind AND w.entity = s.entity AND w.day = s.day
    LEFT JOIN (SELECT DISTINCT entity FROM walk WHERE kind = 'client') AS c ON s.kind = 'client_ip' AND c.entity = s.client
    WHERE s.number IS NOT NULL
),
most AS (
    SELECT
        entity_kind, entity,
        arg_max(
            format('{:,} on {}, rank correlation {:.2f}', persons, strftime(day, '%Y-%m-%d'), ordered), (persons, day)
        ) AS label
    FROM (SELECT DISTINCT entity_kind, entity, day, persons, ordered FROM named)
    GROUP BY ALL
)
SELECT DISTINCT n.source, n.seq, n.entity_kind, n.entity, n.asked AS subject, m.label AS evidence_order
FROM named AS n JOIN most AS m USING (entity_kind, entity)
