-- Every access whose credential no issuance record of its issuer holds, with what follows from that.
--   before: it may have been issued before the issuance log begins     after: the log may not have reached so far yet
--   hole:   its record may be among those known to be missing          never: no honest way is left
CREATE OR REPLACE TEMP VIEW unvouched_access AS
SELECT
    p.source, p.seq, p.time, p.issuer, p.key, p.client_ip, p.client, p.refused,
    CASE
        WHEN p.time < s.first + s.life THEN 'before'
        WHEN p.time > s.last + s.tail THEN 'after'
        WHEN h.spans IS NOT NULL
            AND len(list_filter(h.spans, lambda x: x.first <= p.time AND p.time <= x.until)) > 0 THEN 'hole'
        ELSE 'never'
    END AS verdict
FROM unvouched_signed AS p
JOIN issuer_span AS s ON s.issuer = p.issuer
LEFT JOIN hole_hour AS h ON h.issuer = p.issuer AND h.hour = date_trunc('hour', p.time);
