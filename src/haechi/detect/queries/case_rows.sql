-- The accesses of each case, each once however many findings flag it. `claimed`: a finding says that the credential is
-- not good, so the actor is only what the credential claims. `strong`: a finding of a tier above behaviour does.
CREATE OR REPLACE TEMP TABLE case_row AS
SELECT c.case_no, f.source, f.seq, bool_or(c.claimed) AS claimed, bool_or(c.strong) AS strong
FROM flagged AS f
JOIN case_finding AS c USING (finding)
GROUP BY c.case_no, f.source, f.seq;

CREATE OR REPLACE TEMP TABLE case_size AS
SELECT case_no, count(*) AS accesses FROM case_row GROUP BY case_no;

CREATE OR REPLACE TEMP VIEW case_access AS
SELECT c.case_no, c.claimed, c.strong, a.*
FROM access AS a
JOIN case_row AS c ON c.source = a.source AND c.seq = a.seq;
