/* ---
id = "persons-over-budget"
title = "Too many different people"
tier = "behaviour"
severity = "medium"
means = "One credential, account at work, address or client was shown the personal pages of more different people, in an hour, a day or a month, than its work can need. The monthly budget finds those who stay low and slow."
normal = """
A member's own session shows one person. Support staff stay under the credential budgets even when calls are ten times as many as usual.
An address that thousands share (a carrier's, an office's) shows the ordinary mix of pages: it is flagged only where at least personal_share of its requests are personal pages, and accounts at work behind it are judged by themselves, whatever sessions they use. Own data with a credential that the issuer vouches for is explained and not counted.
Accesses with a reason on record (a ticket, an order, an approval, a declared purpose) are explained and not counted. Days and months are those of the workspace's time zone.
A client that is seen with half of all people or more is a browser that everybody has.
A batch job that reads every member needs a declared purpose ([[purpose]]), or its account in declared.
"""
attack = ["T1213", "T1119"]
needs = ["personal_access"]
window = "month"
carry = """
WITH budget (entity_kind, persons) AS (
    VALUES ('credential', $credential_month), ('actor', $actor_month), ('client_ip', $client_ip_month), ('client', $client_month)
),
busy AS MATERIALIZED (
    SELECT e.entity_kind, e.entity, e.month, e.told, b.persons AS budget
    FROM entity_month AS e JOIN budget AS b USING (entity_kind)
    WHERE greatest(e.personal, e.told) > b.persons
)
SELECT b.entity_kind, b.entity
FROM busy AS b LEFT JOIN person_month AS p USING (entity_kind, entity, month)
GROUP BY b.entity_kind, b.entity, b.month, b.told, b.budget
HAVING greatest(count(p.subject), b.told) > b.budget
"""
sentence = "{kind} {entity} asked for the data of {subjects:different person|different people} in {accesses:request} ({evidence_most})."
clause = "{kind} {entity} went over its budget of people ({evidence_most})"

[params.credential_hour]
default = 200
unit = "persons an hour"
meaning = "Budget of one credential."

[params.credential_day]
default = 1000
unit = "persons a day"
meaning = "Budget of one credential."

[params.credential_month]
default = 5000
unit = "persons a month"
meaning = "Budget of one credential."

[params.actor_hour]
default = 200
unit = "persons an hour"
meaning = "Budget of one account at work."

[params.actor_day]
default = 1000
unit = "persons a day"
meaning = "Budget of one account at work."

[params.actor_month]
default = 5000
unit = "persons a month"
meaning = "Budget of one account at work."

[params.client_ip_hour]
default = 100
unit = "persons an hour"
meaning = "Budget of one address."

[params.client_ip_day]
default = 300
unit = "persons a day"
meaning = "Budget of one address."

[params.client_ip_month]
default = 1000
unit = "persons a month"
meaning = "Budget of one address."

[params.client_hour]
default = 500
unit = "persons an hour"
meaning = "Budget of one client (user agent or fingerprint)."

[params.client_day]
default = 2000
unit = "persons a day"
meaning = "Budget of one client."

[params.client_month]
default = 10000
unit = "persons a month"
meaning = "Budget of one client."

[params.personal_share]
default = 0.9
unit = "share of requests"
meaning = "An address or client below it has an ordinary mix of pages."

[params.declared]
default = []
unit = "accounts"
meaning = "Accounts with a declared purpose for many people, such as a monthly batch job."
--- */
WITH budget (entity_kind, span, persons) AS (
    VALUES
        ('credential', 'hour', $credential_hour), ('credential', 'day', $credential_day),
        ('credential', 'month', $credential_month),
        ('actor', 'hour', $actor_hour), ('actor', 'day', $actor_day), ('actor', 'month', $actor_month),
        ('client_ip', 'hour', $client_ip_hour), ('client_ip', 'day', $client_ip_day),
        ('client_ip', 'month', $client_ip_month),
        ('client', 'hour', $client_hour), ('client', 'day', $client_day), ('client', 'month', $client_month)
),
-- Not materialised: it is as large as the log, and each of its readers takes few of its columns.
request AS NOT MATERIALIZED (
    SELECT
        a.source,
        a.seq,
        l.local AS hour,
        a.credential,
        a.subject,
        a.subjects,
        a.client_ip,
        a.client,
        a.actor,
        w.actor IS NOT NULL AS at_work,
        nullif(a.fields, '') IS NOT NULL AND (a.subject IS NOT NULL OR a.subjects > 0)
            AND coalesce(a.status, 0) NOT IN (401, 403) AS personal
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    LEFT JOIN worker AS w ON w.actor = a.actor
    WHERE coalesce(a.actor, '') NOT IN (SELECT unnest($declared::VARCHAR[]))
),
unexplained AS NOT MATERIALIZED (
    SELECT r.* FROM request AS r ANTI JOIN explained AS e ON e.source = r.source AND e.seq = r.seq WHERE r.personal
),
-- First the cheap question, by counts that were made for all rules: who could be over their least budget at all, what is
-- explained or declared included? Nearly all credentials and most addresses have a page or two, and are never looked at.
busy AS MATERIALIZED (
    SELECT 'credential' AS entity_kind, hex(credential) AS entity
    FROM presented_credential
    GROUP BY credential
    HAVING greatest(sum(personal), max(told)) > least($credential_hour, $credential_day, $credential_month)
    UNION ALL
    SELECT 'actor', actor
    FROM working
    WHERE nullif(fields, '') IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
    GROUP BY actor
    HAVING greatest(count(*), max(subjects)) > least($actor_hour, $actor_day, $actor_month)
    UNION ALL
    SELECT 'client_ip', client_ip
    FROM visit_hour
    WHERE client_ip IS NOT NULL
    GROUP BY client_ip
    HAVING greatest(sum(shown), max(told)) > least($client_ip_hour, $client_ip_day, $client_ip_month)
    UNION ALL
    SELECT 'client', client
    FROM visit_hour
    WHERE client IS NOT NULL
    GROUP BY client
    HAVING greatest(sum(shown), max(told)) > least($client_hour, $client_day, $client_month)
),
-- Addresses and clients by the hour, without what declared accounts did. The most that one answer told of may be theirs
-- still: here it only says who is looked at further.
visited AS (
    SELECT v.client_ip, v.client, l.local AS hour, v.requests, v.shown, v.told
    FROM visit_hour AS v
    JOIN local_hour AS l ON l.hour = v.hour
    UNION ALL
    SELECT
        a.client_ip, a.client, l.local, -count(*),
        -count(*) FILTER (
            nullif(a.fields, '') IS NOT NULL AND (a.subject IS NOT NULL OR a.subjects > 0)
            AND coalesce(a.status, 0) NOT IN (401, 403)
        ),
        NULL
    FROM access AS a
    JOIN local_hour AS l ON l.hour = date_trunc('hour', a.time)
    WHERE a.actor IN (SELECT unnest($declared::VARCHAR[])) AND a.actor NOT IN (SELECT w.actor FROM worker AS w)
    GROUP BY a.client_ip, a.client, l.local
),
hourly AS (
    SELECT
        'credential' AS entity_kind,
        hex(credential) AS entity,
        hour,
        count(*) AS requests,
        count(*) AS personal,
        max(subjects) AS told
    FROM unexplained
    WHERE NOT at_work AND credential IN (SELECT unhex(b.entity) FROM busy AS b WHERE b.entity_kind = 'credential')
    GROUP BY credential, hour
    UNION ALL
    SELECT 'actor', actor, hour, count(*), count(*), max(subjects)
    FROM unexplained
    WHERE at_work AND actor IN (SELECT b.entity FROM busy AS b WHERE b.entity_kind = 'actor')
    GROUP BY actor, hour
    UNION ALL
    SELECT 'client_ip', client_ip, hour, sum(requests), sum(shown), max(told)
    FROM visited
    WHERE client_ip IN (SELECT b.entity FROM busy AS b WHERE b.entity_kind = 'client_ip')
    GROUP BY client_ip, hour
    UNION ALL
    SELECT 'client', client, hour, sum(requests), sum(shown), max(told)
    FROM visited
    WHERE client IN (SELECT b.entity FROM busy AS b WHERE b.entity_kind = 'client')
    GROUP BY client, hour
),
candidate AS (
    SELECT h.entity_kind, h.entity, b.span, date_trunc(b.span, h.hour) AS start, b.persons AS budget
    FROM hourly AS h JOIN budget AS b USING (entity_kind)
    JOIN looked AS k ON date_trunc(b.span, h.hour) BETWEEN date_trunc(b.span, k.first) AND date_trunc(b.span, k.last)
    GROUP BY ALL
    HAVING greatest(sum(h.personal), max(h.told)) > b.persons
        AND (h.entity_kind IN ('credential', 'actor') OR sum(h.personal) >= $personal_share * sum(h.requests))
),
entity AS (SELECT DISTINCT entity_kind, entity FROM candidate),
-- Then the exact one, for those few.
suspect AS (
    SELECT 'credential' AS entity_kind, hex(credential) AS entity, source, seq, hour, subject, subjects
    FROM unexplained
    WHERE NOT at_work AND credential IN (SELECT unhex(e.entity) FROM entity AS e WHERE e.entity_kind = 'credential')
    UNION ALL
    SELECT 'actor', actor, source, seq, hour, subject, subjects
    FROM unexplained
    WHERE at_work AND actor IN (SELECT e.entity FROM entity AS e WHERE e.entity_kind = 'actor')
    UNION ALL
    SELECT 'client_ip', client_ip, source, seq, hour, subject, subjects
    FROM (
        FROM unexplained WHERE NOT at_work AND client_ip IN (SELECT e.entity FROM entity AS e WHERE e.entity_kind = 'client_ip')
    )
    WHERE NOT (coalesce(actor = subject, false) AND coalesce(credential IN (SELECT i.credential FROM vouched_credential AS i), false))
    UNION ALL
    SELECT 'client', client, source, seq, hour, subject, subjects
    FROM (FROM unexplained WHERE NOT at_work AND client IN (SELECT e.entity FROM entity AS e WHERE e.entity_kind = 'client'))
    WHERE NOT (coalesce(actor = subject, false) AND coalesce(credential IN (SELECT i.credential FROM vouched_credential AS i), false))
),
-- The window is spelt out on both sides, so that the join is by hash and not every access against every window.
windowed AS (
    SELECT s.*, c.budget
    FROM (
        SELECT x.*, b.span, date_trunc(b.span, x.hour) AS start
        FROM suspect AS x
        CROSS JOIN (VALUES ('hour'), ('day'), ('month')) AS b (span)
    ) AS s
    JOIN candidate AS c USING (entity_kind, entity, span, start)
),
counted AS (
    SELECT entity_kind, entity, span, start, budget, count(subject) AS named, max(told) AS told
    FROM (
        SELECT entity_kind, entity, span, start, budget, subject, max(subjects) AS told FROM windowed GROUP BY ALL
    )
    GROUP BY ALL
),
over_budget AS (
    SELECT entity_kind, entity, span, start, budget, named, greatest(named, told) AS persons
    FROM counted WHERE greatest(named, told) > budget
),
-- A client is judged only where it is not everybody's.
seen AS NOT MATERIALIZED (
    SELECT date_trunc('hour', time) AS hour, subject
    FROM access_window
    WHERE nullif(fields, '') IS NOT NULL AND subject IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
        AND coalesce(actor, '') NOT IN (SELECT unnest($declared::VARCHAR[]))
        AND EXISTS (FROM over_budget WHERE entity_kind = 'client')
),
everyone AS (
    SELECT span, start, count(*) AS persons
    FROM (
        SELECT DISTINCT b.span, date_trunc(b.span, l.local) AS start, s.subject
        FROM seen AS s
        JOIN (
            SELECT h.hour, timezone(w.zone, timezone('UTC', h.hour)) AS local
            FROM (SELECT DISTINCT hour FROM seen) AS h CROSS JOIN workspace_setting AS w
        ) AS l ON l.hour = s.hour
        CROSS JOIN (VALUES ('hour'), ('day'), ('month')) AS b (span)
    )
    SEMI JOIN (SELECT span, start FROM over_budget WHERE entity_kind = 'client') USING (span, start)
    GROUP BY ALL
),
flagged AS (
    SELECT o.*
    FROM over_budget AS o
    LEFT JOIN everyone AS e ON e.span = o.span AND e.start = o.start AND o.entity_kind = 'client'
    WHERE o.entity_kind <> 'client' OR o.persons < 0.5 * e.persons
),
most AS (
    SELECT
        entity_kind,
        entity,
        arg_max(
            format(
                '{:,} in the {} {}, budget {:,}',
                persons,
                span,
                -- As much of 2025-05-01 13:00 as names the window.
                left(strftime(start, '%Y-%m-%d %H:%M'), CASE span WHEN 'hour' THEN 16 WHEN 'day' THEN 10 ELSE 7 END),
                budget
            ),
            (persons / budget, start)
        ) AS label
    FROM flagged
    GROUP BY ALL
)
SELECT DISTINCT
    w.source, w.seq, w.entity_kind,
    CASE WHEN w.entity_kind = 'credential' THEN lower(w.entity) ELSE w.entity END AS entity,
    m.label AS evidence_most
FROM windowed AS w
JOIN flagged AS f USING (entity_kind, entity, span, start)
JOIN most AS m ON m.entity_kind = w.entity_kind AND m.entity = w.entity
-- Where one answer held too many people, it is that answer, and not the small ones of the same month.
WHERE f.named > f.budget OR w.subjects > f.budget
