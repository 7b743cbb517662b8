-- Accesses at work that have a legitimate reason, one row an access, and the reason in words.
-- Whoever counts accesses leaves these out with: ANTI JOIN explained USING (source, seq)
CREATE OR REPLACE TEMP VIEW explained AS
SELECT
    e.source, e.seq, h.kind, h.reference,
    concat_ws(
        ', ',
        concat_ws(' ', CASE h.kind WHEN 'purpose' THEN 'declared purpose' WHEN 'relation' THEN h.text ELSE h.kind END, h.reference),
        CASE WHEN h.actor IS NOT NULL AND h.kind IN ('ticket', 'order') THEN CASE WHEN e.own THEN 'assigned to ' ELSE 'assigned to a colleague, ' END || h.actor
            WHEN h.actor IS NOT NULL AND h.kind IN ('approval', 'answer') THEN 'for ' || h.actor END,
        -- In the workspace's own time, as the ticket itself shows it.
        CASE WHEN h.first IS NOT NULL THEN 'from ' || strftime((h.first AT TIME ZONE 'UTC') AT TIME ZONE w.zone, '%Y-%m-%d %H:%M') END,
        CASE WHEN h.last IS NOT NULL THEN 'to ' || strftime((h.last AT TIME ZONE 'UTC') AT TIME ZONE w.zone, '%Y-%m-%d %H:%M') END,
        CASE WHEN h.kind <> 'relation' THEN h.text END
    ) AS words
FROM given_reason AS e JOIN reason_holder AS h USING (n) CROSS JOIN workspace_setting AS w;
