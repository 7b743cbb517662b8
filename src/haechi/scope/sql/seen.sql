-- The flagged accesses of a case, narrowed to what scope needs.
-- `subject`: as the rules see it (detect/sql/asked_subject.sql), so that a case counts whom its findings name.
-- `succeeded`: the record says so; a record that does not tell counts as shown unless it sent nothing (unknown is
-- not "no"). A route that is known to show no field ('') shows nobody. `mask` tells which [[exposes]] it touches. A file
-- of many people stands under its path; it is nobody's own page (own.sql), and no ghost (page.sql).
-- In braces: what [[exposes]] need. Where there is none, neither routes nor paths are read, a store's longest column.
CREATE OR REPLACE TEMP VIEW scope_seen AS
SELECT
    a.source,
    a.seq,
    a.time,
    CASE
        WHEN {by_path} AND a.subject IS NULL THEN 'path:' || split_part(a.path, '?', 1)
        ELSE asked_subject(a.subject, a.subjects, a.actor, a.actor_kind, a.fields)
    END AS subject,
    a.subjects,
    a.fields,
    a.bytes,
    coalesce(a.action = 'export', FALSE) AS exported,
    (a.outcome = 'success' OR (a.outcome IS NULL AND coalesce(a.bytes, 1) <> 0))
        AND a.fields IS DISTINCT FROM '' AS succeeded,
    {mask} AS mask
FROM scope_access AS a
{routes}
