-- How often each case met each key, address, client and acting account, and how often with a reason stronger than behaviour.
-- An account is listed where it looked at
-- somebody else's data: on their own pages, people are victims.
CREATE OR REPLACE TEMP TABLE case_entity AS
WITH met AS (
    SELECT
        a.case_no, a.key, a.client_ip, a.client,
        CASE WHEN NOT a.claimed AND a.actor IS DISTINCT FROM a.subject THEN a.actor END AS actor,
        count(*) AS flagged, count(*) FILTER (a.strong) AS strong
    FROM case_access AS a
    GROUP BY ALL
)
SELECT case_no, kind, entity, sum(flagged)::BIGINT AS flagged, sum(strong)::BIGINT AS strong
FROM (
    SELECT case_no, 'key' AS kind, key AS entity, flagged, strong FROM met
    UNION ALL SELECT case_no, 'client_ip', client_ip, flagged, strong FROM met
    UNION ALL SELECT case_no, 'client', client, flagged, strong FROM met
    UNION ALL SELECT case_no, 'actor', actor, flagged, strong FROM met
)
WHERE entity IS NOT NULL
GROUP BY case_no, kind, entity;

CREATE OR REPLACE TEMP TABLE case_span AS
SELECT
    c.case_no, date_trunc('hour', min(m.first)) AS first, max(m.last) AS last, bool_or(c.strong) AS strong
FROM case_finding AS c
JOIN flagged_mix AS m USING (finding)
GROUP BY c.case_no;

-- What those entities did in all, by the hour: a browser that everybody has is then counted once and not once a case.
CREATE OR REPLACE TEMP TABLE entity_hour AS
SELECT 'key' AS kind, key AS entity, date_trunc('hour', time) AS hour, count(*) AS accesses
FROM access WHERE key IN (SELECT entity FROM case_entity WHERE kind = 'key') GROUP BY ALL
UNION ALL
SELECT 'client_ip', client_ip, date_trunc('hour', time), count(*)
FROM access WHERE client_ip IN (SELECT entity FROM case_entity WHERE kind = 'client_ip') GROUP BY ALL
UNION ALL
SELECT 'client', client, date_trunc('hour', time), count(*)
FROM access WHERE client IN (SELECT entity FROM case_entity WHERE kind = 'client') GROUP BY ALL
UNION ALL
SELECT 'actor', actor, date_trunc('hour', time), count(*)
FROM access WHERE actor IN (SELECT entity FROM case_entity WHERE kind = 'actor') GROUP BY ALL;
