-- Whose data a record asked for: the subject that it names, else, on a page with personal fields, the member that acted.
-- What returned several persons' entries and names none was not about the one who asked. Rules and scope share this.
CREATE OR REPLACE TEMP MACRO asked_subject(subject, subjects, actor, actor_kind, fields) AS
coalesce(
    subject,
    CASE WHEN actor_kind = 'member' AND nullif(fields, '') IS NOT NULL AND coalesce(subjects, 0) <= 1 THEN actor END
);
