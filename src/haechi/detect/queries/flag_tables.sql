-- Which accesses each finding flags. `flag` is what others read: `finding` is the index into the list of findings.
CREATE OR REPLACE TEMP TABLE flagged (finding INTEGER, source VARCHAR, seq BIGINT);

CREATE OR REPLACE TEMP TABLE flagged_by (finding INTEGER, rule VARCHAR, entity_kind VARCHAR, entity VARCHAR);

-- The flagged accesses by everything that has few different values: counts and top values are read from here.
CREATE OR REPLACE TEMP TABLE flagged_mix (
    finding INTEGER, key VARCHAR, client_ip VARCHAR, client VARCHAR, route VARCHAR, outcome VARCHAR,
    accesses BIGINT, first TIMESTAMP, last TIMESTAMP, told BIGINT
);

CREATE OR REPLACE TEMP VIEW flag AS
SELECT f.finding::BIGINT AS finding, b.rule, b.entity_kind, b.entity, f.source, f.seq
FROM flagged AS f
JOIN flagged_by AS b USING (finding);
