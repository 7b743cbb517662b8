/* ---
id = "bytes-without-query"
title = "Bytes that nobody asked for"
tier = "behaviour"
severity = "critical"
means = "A host with personal data sent far more to an address than the queries on record from that address can have been answered with. What no query explains left some other way: malware, a hidden copy."
normal = """
Answers take somewhat more than the queries tell, so factor times the answers is normal, and so are up to min_bytes a month, which is what low and slow would stay under in a day. A day is compared with the answers of the day itself and its neighbours.
Where the queries of most of a host's addresses are not collected, nothing can be told about it, and nothing is flagged. Backups and copies to other sites that are made outside of queries: list their addresses in declared.
"""
attack = ["T1041", "T1048"]
needs = ["flow"]
window = "day"
carry = """
SELECT 'all' AS entity_kind, '' AS entity FROM flow LIMIT 1
"""
sentence = "{entity} was sent {evidence_bytes} that no query on record explains, in {accesses:transfer}."
clause = "{entity} was sent {evidence_bytes} that no query on record explains"

[params.min_bytes]
default = 1000000
unit = "bytes a month"
meaning = "Up to here, what is unexplained is left alone."

[params.factor]
default = 2.0
unit = "times the answers"
meaning = "So much more than the answers is still theirs: protocol, repeats, rounding."

[params.declared]
default = []
unit = "addresses"
meaning = "Addresses that may be sent data without a query."
--- */
WITH sent AS (
    SELECT f.host, f.client_ip, l.local::DATE AS day, sum(f.bytes) AS bytes
    FROM flow AS f JOIN local_hour AS l ON l.hour = date_trunc('hour', f.time)
    GROUP BY ALL
),
-- What was asked for from these addresses, by anybody, in all other records.
asked AS (
    SELECT a.client_ip, l.local::DATE AS day, sum(a.bytes) AS bytes
    FROM access AS a JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE a.client_ip IN (SELECT f.client_ip FROM flow AS f) AND a.bytes > 0
        AND (a.actor IS NOT NULL OR a.credential IS NOT NULL OR a.status IS NOT NULL)
    GROUP BY ALL
),
near AS (
    SELECT client_ip, day + around AS day, sum(bytes) AS bytes
    FROM asked CROSS JOIN (VALUES (-1), (0), (1)) AS o (around)
    GROUP BY ALL
),
compared AS (
    SELECT s.*, coalesce(n.bytes, 0) AS answered, n.bytes IS NOT NULL AS has_queries
    FROM sent AS s LEFT JOIN near AS n USING (client_ip, day)
),
-- Addresses and not days are counted: a host that sends to one address that asks and to one that does not is judged.
covered AS (
    SELECT host FROM (SELECT host, client_ip, bool_or(has_queries) AS asks FROM compared GROUP BY ALL)
    GROUP BY host HAVING count(*) FILTER (asks) >= 0.5 * count(*)
),
excess AS (
    SELECT *, bytes - $factor * answered AS over, date_trunc('month', day) AS month
    FROM compared SEMI JOIN covered USING (host)
    WHERE bytes > $factor * answered AND client_ip NOT IN (SELECT unnest($declared::VARCHAR[]))
),
flagged AS (
    SELECT *, sum(bytes - answered) OVER (PARTITION BY client_ip) AS unexplained
    FROM (SELECT *, sum(over) OVER (PARTITION BY host, client_ip, month) AS in_month FROM excess)
    WHERE in_month > $min_bytes
)
SELECT
    f.source, f.seq, 'client_ip' AS entity_kind, f.client_ip AS entity,
    format('{:,} bytes', g.unexplained::BIGINT) AS evidence_bytes
FROM flow AS f
JOIN local_hour AS l ON l.hour = date_trunc('hour', f.time)
JOIN flagged AS g ON g.host = f.host AND g.client_ip = f.client_ip AND g.day = l.local::DATE
