-- The accesses of each case, each once however many findings flag it. `claimed`: a finding says that the credential is
-- not good, so the actor is only what the credential claims. `strong`: a finding of a tier above behaviour does.
CREATE OR REPLACE TEMP TABLE case_access AS
SELECT c.case_no, f.source, f.seq, bool_or(c.claimed) AS claimed, bool_or(c.strong) AS strong
FROM flagged AS f
JOIN case_finding AS c USING (finding)
GROUP BY c.case_no, f.source, f.seq;

-- How often each case met each key, address, client and acting account, and how often with a reason stronger than behaviour.
-- An account is listed where it looked at
-- somebody else's data: on their own pages, people are victims.
CREATE OR REPLACE TEMP TABLE case_entity AS
WITH met AS (
    SELECT
        c.case_no, a.key, a.client_ip, a.client,
        CASE WHEN NOT c.claimed AND a.actor IS DISTINCT FROM a.subject THEN a.actor END AS actor,
        count(*) AS flagged, count(*) FILTER (c.strong) AS strong
    FROM case_access AS c
    JOIN access AS a USING (source, seq)
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
