-- The accesses that somebody is asked about: those of a case by these accounts, without those asked about before.
-- `case_request`, `asked_account` and `asked_before` are registered.
CREATE OR REPLACE TEMP TABLE in_question AS
SELECT
    a.source, a.seq, a.time, a.actor, a.route, a.action, a.fields, a.subject, a.subjects, a.client_ip, a.method
FROM access AS a
SEMI JOIN case_request AS c ON c.source = a.source AND c.seq = a.seq
SEMI JOIN asked_account AS w ON w.account = a.actor
ANTI JOIN asked_before AS b ON b.source = a.source AND b.seq = a.seq
WHERE a.time IS NOT NULL;
