-- Which accesses each finding flags, a row each. `flag` is what others read: `finding` is the index into the list of findings.
CREATE OR REPLACE TEMP TABLE flagged_row (finding INTEGER, source VARCHAR, seq BIGINT);

CREATE OR REPLACE TEMP TABLE flagged_by (finding INTEGER, rule VARCHAR, entity_kind VARCHAR, entity VARCHAR);

-- The flagged accesses by everything that has few different values: counts and top values are read from here.
CREATE OR REPLACE TEMP TABLE flagged_mix (
    finding INTEGER, key VARCHAR, client_ip VARCHAR, client VARCHAR, route VARCHAR, outcome VARCHAR,
    accesses BIGINT, first TIMESTAMP, last TIMESTAMP, told BIGINT
);

-- In an inspection of some days: what rules that others read flag on other days.
CREATE OR REPLACE TEMP TABLE flag_elsewhere (
    rule VARCHAR, entity_kind VARCHAR, entity VARCHAR, source VARCHAR, seq BIGINT
);

CREATE OR REPLACE TEMP VIEW flagged AS SELECT finding, source, seq FROM flagged_row;

-- The flagged accesses themselves.
CREATE OR REPLACE TEMP VIEW flagged_access AS
SELECT f.finding, a.*
FROM access AS a
JOIN flagged_row AS f ON f.source = a.source AND f.seq = a.seq;

CREATE OR REPLACE TEMP VIEW flag AS
SELECT f.finding::BIGINT AS finding, b.rule, b.entity_kind, b.entity, f.source, f.seq
FROM flagged AS f
JOIN flagged_by AS b USING (finding);

-- What rules may read of those that ran before them.
CREATE OR REPLACE TEMP VIEW flag_before AS
SELECT rule, entity_kind, entity, source, seq FROM flag
UNION ALL
SELECT rule, entity_kind, entity, source, seq FROM flag_elsewhere;
