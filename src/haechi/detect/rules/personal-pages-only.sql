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
window = "day"
carry = """
-- Who has bare visits on these days, and on some day or in some month so many that they can be more people than chance gives.
WITH solely AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT kind, entity, 'day' AS span, day::TIMESTAMP AS start, requests, bare, most FROM bare_day
        UNION ALL
        SELECT kind, entity, 'month', date_trunc('month', day)::TIMESTAMP, sum(requests), sum(bare), sum(most)
        FROM bare_day GROUP BY ALL
    )
    WHERE bare > 0 AND bare >= $bare_share * requests AND entity NOT IN (SELECT unnest($declared::VARCHAR[]))
),
among AS (SELECT kind, count(DISTINCT entity) AS entities FROM solely GROUP BY kind),
likely AS (
    SELECT s.kind, s.entity, s.span, s.start, m.entities, c.chance
    FROM solely AS s JOIN among AS m USING (kind) CROSS JOIN bare_chance AS c
    WHERE s.most >= $min_persons AND s.most * ln(c.chance) + ln(m.entities) < ln(0.001)
        AND (s.kind, s.entity) IN (
            SELECT (b.kind, b.entity) FROM bare_day AS b CROSS JOIN looked AS k
            WHERE b.bare > 0 AND b.day BETWEEN k.first AND k.last
        )
),
-- The same person's visits of a month are one person's.
alone AS (
    SELECT 'client' AS kind, client AS entity, day, personal, someone_first, someone_last
    FROM every_visit WHERE other = 0 AND client IN (SELECT x.entity FROM likely AS x WHERE x.kind = 'client')
    UNION ALL
    SELECT 'client_ip', client_ip, day, personal, someone_first, someone_last
    FROM every_visit WHERE other = 0 AND client_ip IN (SELECT x.entity FROM likely AS x WHERE x.kind = 'client_ip')
),
counted AS (
    SELECT
        n.*,
        count(DISTINCT a.someone_first) FILTER (a.someone_first = a.someone_last)
            + coalesce(sum(a.personal) FILTER (a.someone_first <> a.someone_last), 0) AS persons
    FROM likely AS n
    JOIN alone AS a ON a.kind = n.kind AND a.entity = n.entity AND date_trunc(n.span, a.day)::TIMESTAMP = n.start
    GROUP BY ALL
)
SELECT kind AS entity_kind, entity FROM counted WHERE persons >= $min_persons AND persons * ln(chance) + ln(entities) < ln(0.001)
UNION
SELECT kind, entity FROM likely WHERE kind = 'key'
"""
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
WITH -- When most of what an entity was shown stood alone.
solely AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT kind, entity, 'day' AS span, day::TIMESTAMP AS start, requests, bare, most FROM bare_day
        UNION ALL
        SELECT kind, entity, 'month', date_trunc('month', day)::TIMESTAMP, sum(requests), sum(bare), sum(most)
        FROM bare_day GROUP BY ALL
    )
    WHERE bare > 0 AND bare >= $bare_share * requests AND entity NOT IN (SELECT unnest($declared::VARCHAR[]))
),
among AS (SELECT kind, count(DISTINCT entity) AS entities FROM solely GROUP BY kind),
alone AS (
    SELECT 'client' AS kind, client AS entity, day, asked FROM bare_access WHERE client IS NOT NULL
    UNION
    SELECT 'client_ip', client_ip, day, asked FROM bare_access WHERE client_ip IS NOT NULL
    UNION
    SELECT 'key', key, day, asked FROM bare_access WHERE key IS NOT NULL
),
in_span AS (
    SELECT kind, entity, span, start, count(*) AS persons
    FROM (
        SELECT DISTINCT a.kind, a.entity, s.span, date_trunc(s.span, a.day)::TIMESTAMP AS start, a.asked
        FROM alone AS a CROSS JOIN (VALUES ('day'), ('month')) AS s (span)
    )
    GROUP BY kind, entity, span, start
),
strange AS (
    SELECT DISTINCT s.kind, s.entity
    FROM solely AS s
    JOIN in_span AS i USING (kind, entity, span, start)
    JOIN among AS m USING (kind)
    CROSS JOIN bare_chance AS c
    WHERE i.persons >= $min_persons AND i.persons * ln(c.chance) + ln(m.entities) < ln(0.001)
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
        FROM solely SEMI JOIN strange USING (kind, entity)
    ) AS o USING (kind, entity, day)
),
named AS (
    SELECT b.*, c.entity IS NOT NULL AS by_client, k.entity IS NOT NULL AS by_key, i.entity IS NOT NULL AS by_address
    FROM bare_access AS b
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
