/* ---
id = "personal-pages-only"
title = "Personal pages and nothing else"
tier = "behaviour"
severity = "high"
means = "One client, key or address fetched the personal pages of many people and nothing around them: no log-in, no start page, no search, no image. People arrive, look round and leave; a script that has tokens goes straight to the data. It is found however thinly it is spread over addresses and tokens."
normal = """
One visit in some is bare: a bookmark, an application that refreshes one page. Where the usual client's visits are bare (a machine interface with personal pages alone), nothing can be told by it, and nothing is flagged. The usual is the median over clients or over addresses, whichever is less, so that a flood from one of them does not move it.
An entity must have shown min_persons people, and so many bare visits must be so unlikely that among all entities less than one in a thousand logs would hold one by chance.
Accounts at work are judged by what they do, not here. A partner that fetches members' own data for them all day long looks the same: list its client, key or address in declared.
"""
attack = ["T1119", "T1213"]
needs = ["personal_access"]
sentence = "{kind} {entity} fetched the personal pages of {subjects:person|people} in {accesses:request}, and nothing else."
clause = "{kind} {entity} fetched the personal pages of {subjects:person|people} and nothing else"

[params.min_persons]
default = 10
unit = "persons in a day or month"
meaning = "Fewer people are a household or chance."

[params.bare_share]
default = 0.9
unit = "share of personal requests"
meaning = "So much of what an entity was shown must stand alone."

[params.declared]
default = []
unit = "clients, keys, addresses"
meaning = "Who fetches people's own data for them with a declared purpose."
--- */
WITH -- How often does one person's visit show personal pages and nothing else? The median over clients with enough visits, or
-- over addresses: neither one client from many addresses nor many clients from one can move both.
visitor AS (SELECT client, client_ip, other = 0 AS bare FROM visit WHERE someone_first = someone_last),
usual AS (
    SELECT greatest(0.1, coalesce(least(by_client.share, by_address.share), 1)) AS chance
    FROM (
        SELECT coalesce(median(share) FILTER (visits >= 20), sum(bare) / sum(visits)) AS share
        FROM (SELECT count(*) AS visits, count(*) FILTER (bare) AS bare, count(*) FILTER (bare) / count(*) AS share FROM visitor GROUP BY client)
    ) AS by_client
    CROSS JOIN (
        SELECT median(share) AS share
        FROM (SELECT count(*) FILTER (bare) / count(*) AS share FROM visitor GROUP BY client_ip)
    ) AS by_address
),
-- The accesses of bare visits and, beside them, what the same entities were shown in all.
shown AS NOT MATERIALIZED (
    SELECT
        a.source,
        a.seq,
        l.local::DATE AS day,
        a.client,
        a.client_ip,
        a.key,
        asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields) AS asked
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
        AND (a.actor IS NULL OR a.actor NOT IN (SELECT w.actor FROM worker AS w))
),
bare AS MATERIALIZED (
    SELECT s.*
    FROM shown AS s
    -- NULL is a value here: a log without clients has one visit an address and day.
    SEMI JOIN (SELECT client_ip, client, day FROM visit WHERE personal > 0 AND other = 0) AS v
        ON coalesce(v.client_ip, '') = coalesce(s.client_ip, '') AND coalesce(v.client, '') = coalesce(s.client, '')
        AND v.day = s.day
    WHERE s.asked IS NOT NULL
),
in_all AS (
    SELECT 'client' AS kind, client AS entity, day, sum(personal) AS requests
    FROM visit WHERE personal > 0 AND client IS NOT NULL GROUP BY client, day
    UNION ALL
    SELECT 'client_ip', client_ip, day, sum(personal)
    FROM visit WHERE personal > 0 AND client_ip IS NOT NULL GROUP BY client_ip, day
    UNION ALL
    SELECT 'key', key, day, count(*)
    FROM shown WHERE key IN (SELECT key FROM bare) AND asked IS NOT NULL GROUP BY key, day
),
alone AS (
    SELECT 'client' AS kind, client AS entity, day, asked, count(*) AS requests FROM bare WHERE client IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'client_ip', client_ip, day, asked, count(*) FROM bare WHERE client_ip IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'key', key, day, asked, count(*) FROM bare WHERE key IS NOT NULL GROUP BY ALL
),
span_of AS (
    SELECT n.kind, n.entity, s.span, date_trunc(s.span, n.day) AS start, sum(n.requests) AS requests
    FROM in_all AS n CROSS JOIN (VALUES ('day'), ('month')) AS s (span)
    GROUP BY ALL
),
in_span AS (
    SELECT kind, entity, span, start, count(*) AS persons, sum(requests) AS requests
    FROM (
        SELECT a.kind, a.entity, s.span, date_trunc(s.span, a.day) AS start, a.asked, sum(a.requests) AS requests
        FROM alone AS a CROSS JOIN (VALUES ('day'), ('month')) AS s (span)
        GROUP BY ALL
    )
    GROUP BY kind, entity, span, start
),
solely AS (
    SELECT i.*, count(DISTINCT i.entity) OVER (PARTITION BY i.kind) AS entities
    FROM in_span AS i
    JOIN span_of AS a USING (kind, entity, span, start)
    WHERE i.requests >= $bare_share * a.requests AND i.entity NOT IN (SELECT unnest($declared::VARCHAR[]))
),
strange AS (
    SELECT DISTINCT kind, entity
    FROM solely CROSS JOIN usual
    WHERE persons >= $min_persons AND persons * ln(usual.chance) + ln(entities) < ln(0.001)
),
-- Once an entity stands out, its bare days of few people count as well.
told AS (
    SELECT DISTINCT a.kind, a.entity, a.day
    FROM alone AS a
    SEMI JOIN strange AS s USING (kind, entity)
    JOIN (
        SELECT
            kind, entity,
            unnest(range(start, CASE span WHEN 'day' THEN start + INTERVAL 1 DAY ELSE start + INTERVAL 1 MONTH END, INTERVAL 1 DAY))::DATE
                AS day
        FROM solely
    ) AS o USING (kind, entity, day)
),
named AS (
    SELECT b.*, c.entity IS NOT NULL AS by_client, k.entity IS NOT NULL AS by_key, i.entity IS NOT NULL AS by_address
    FROM bare AS b
    LEFT JOIN told AS c ON c.kind = 'client' AND c.entity = b.client AND c.day = b.day
    LEFT JOIN told AS k ON k.kind = 'key' AND k.entity = b.key AND k.day = b.day
    LEFT JOIN told AS i ON i.kind = 'client_ip' AND i.entity = b.client_ip AND i.day = b.day
)
-- An address is named only for what no client or key explains: a script's thousand addresses are one finding.
SELECT source, seq, 'client' AS entity_kind, client AS entity, asked AS subject FROM named WHERE by_client
UNION ALL
SELECT source, seq, 'key', key, asked FROM named WHERE by_key
UNION ALL
SELECT source, seq, 'client_ip', client_ip, asked FROM named WHERE by_address AND NOT by_client AND NOT by_key
