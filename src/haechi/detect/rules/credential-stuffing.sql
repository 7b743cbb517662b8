/* ---
id = "credential-stuffing"
title = "Leaked passwords tried on many accounts"
tier = "behaviour"
severity = "high"
means = "Visits that go straight to the log-in, mostly fail there, and look at nothing but the data of the account that opened: somebody tries leaked passwords, however many addresses the tries are spread over."
normal = """
People mistype and give up; they come through a page, and they are a steady small share of all who log in. A client is flagged on a day on which such visits are many times that share: the median over clients and days, never taken below one in fifty; half of all its log-ins are always too many.
An application that goes on presenting one stale password fails from one address for one account: it takes min_addresses addresses, or the data of several people, to be flagged.
"""
attack = ["T1110.004"]
needs = ["visit"]
window = "day"
carry = """
-- What is usual is told by all days. Where no client could be over the least that can be usual, it is not asked for.
SELECT 'all' AS entity_kind, '' AS entity
FROM (
    SELECT
        client, day,
        sum(logins) FILTER (logins = other) AS tries,
        sum(failed) FILTER (logins = other) AS failed,
        count(*) FILTER (logins = other AND failed >= $failed_share * logins AND failed > 0) AS failing,
        count(*) AS visits
    FROM visit WHERE logins > 0 GROUP BY client, day
)
WHERE tries >= $min_tries AND failed >= $failed_share * tries AND failing >= least(0.5, $factor * 0.02) * visits
LIMIT 1
"""
sentence = "{kind} {entity} went straight to the log-in and mostly failed ({evidence_tries}); {subjects:account|accounts} opened."
clause = "{kind} {entity} tried passwords ({evidence_tries}), {subjects:account|accounts} opened"

[params.min_tries]
default = 50
unit = "tries a day"
meaning = "Fewer are people."

[params.failed_share]
default = 0.5
unit = "share of tries"
meaning = "So many of the tries must have failed."

[params.factor]
default = 5.0
unit = "times the usual share of visits"
meaning = "How much more often than usual a log-in visit must fail and give up."

[params.min_addresses]
default = 5
unit = "addresses"
meaning = "From fewer addresses, the data of several people must have been opened."
--- */
WITH log_in AS (
    -- At the door: nothing but the log-in, and what it opened.
    SELECT *, logins = other AS at_door, failed >= $failed_share * logins AND failed > 0 AS failing
    FROM visit WHERE logins > 0
),
client_day AS (
    SELECT
        client, day,
        count(*) FILTER (at_door AND failing) / count(*) AS rate,
        count(*) AS visits,
        coalesce(sum(logins) FILTER (at_door), 0) AS tries,
        coalesce(sum(failed) FILTER (at_door), 0) AS failed,
        count(DISTINCT client_ip) FILTER (at_door) AS addresses,
        min(someone_first) FILTER (at_door) IS DISTINCT FROM max(someone_last) FILTER (at_door) AS several
    FROM log_in
    GROUP BY client, day
),
usual AS (SELECT greatest(0.02, coalesce(median(rate) FILTER (visits >= 20), 0.02)) AS rate FROM client_day),
flagged AS (
    SELECT c.client, c.day, c.tries, c.failed, c.addresses
    FROM client_day AS c CROSS JOIN usual AS u
    WHERE c.tries >= $min_tries AND c.failed >= $failed_share * c.tries AND c.rate >= least(0.5, $factor * u.rate)
        AND (c.addresses >= $min_addresses OR c.several)
),
most AS (
    SELECT client, format('{:,} tries, {:,} failed, in {} days', sum(tries)::BIGINT, sum(failed)::BIGINT, count(*)) AS label
    FROM flagged GROUP BY client
),
door AS (
    SELECT v.client_ip, v.client, v.day, m.label
    FROM log_in AS v
    SEMI JOIN flagged AS f ON f.client IS NOT DISTINCT FROM v.client AND f.day = v.day
    JOIN most AS m ON m.client IS NOT DISTINCT FROM v.client
    WHERE v.at_door
)
SELECT
    a.source,
    a.seq,
    -- A log without clients names the addresses.
    CASE WHEN a.client IS NULL THEN 'client_ip' ELSE 'client' END AS entity_kind,
    coalesce(a.client, a.client_ip) AS entity,
    CASE WHEN nullif(a.fields, '') IS NOT NULL THEN asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) END
        AS subject,
    d.label AS evidence_tries
FROM access AS a
JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
JOIN door AS d
    ON d.day = l.local::DATE AND coalesce(d.client_ip, '') = coalesce(a.client_ip, '')
    AND coalesce(d.client, '') = coalesce(a.client, '')
WHERE a.actor IS NULL OR a.actor NOT IN (SELECT w.actor FROM worker AS w)
