-- Every source: access and issuance records of the month, registers and lists as a whole.
WITH dated AS (
    SELECT source, 'access' AS kind, requests AS records, first, last
    FROM report_read
    UNION ALL
    SELECT source, 'issuance', count(*), min(time), max(time)
    FROM issuance
    WHERE time >= TIMESTAMP '{first}' AND time < TIMESTAMP '{last}'
    GROUP BY source
),
batches AS (
    SELECT
        source, table_name AS kind,
        sum("rows") FILTER (gone = '')::BIGINT - coalesce(sum(erased) FILTER (gone = ''), 0)::BIGINT AS records,
        coalesce(sum(set_aside) FILTER (inside), 0)::BIGINT AS set_aside,
        coalesce(sum("rows") FILTER (inside AND gone <> ''), 0)::BIGINT
            + coalesce(sum(erased) FILTER (inside AND gone = ''), 0)::BIGINT AS gone
    FROM (
        SELECT *, coalesce(last_time >= TIMESTAMP '{first}' AND first_time < TIMESTAMP '{last}', table_name NOT IN ('access', 'issuance')) AS inside
        FROM batch
    )
    GROUP BY source, table_name
)
SELECT
    b.source, b.kind,
    CASE WHEN b.kind IN ('access', 'issuance') THEN coalesce(d.records, 0) ELSE coalesce(b.records, 0) END,
    b.set_aside, b.gone, d.first, d.last
FROM batches AS b
LEFT JOIN dated AS d ON d.source = b.source AND d.kind = b.kind
ORDER BY list_position(['access', 'issuance', 'subject', 'person', 'reason', 'fact'], b.kind), b.source
