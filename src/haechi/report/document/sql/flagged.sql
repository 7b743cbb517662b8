-- Requests of the cases beyond the month, narrowed like report_seen: a case does not end with a month.
CREATE OR REPLACE TEMP TABLE report_flagged AS
SELECT
    m.held,
    (a.time + {offset})::DATE AS day,
    false AS inside,
    report_hash(asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields)) AS subject,
    report_hash('#' || asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields)) AS subject_2,
    report_hash(a.actor) AS actor,
    report_hash(a.client_ip) AS address,
    report_hash(a.credential) AS credential,
    nullif(a.fields, '') IS NOT NULL AND coalesce(a.outcome = 'success', coalesce(a.bytes, 1) <> 0) AS shown
FROM access AS a
JOIN report_member AS m ON m.source = a.source AND m.seq = a.seq
WHERE {beyond}
