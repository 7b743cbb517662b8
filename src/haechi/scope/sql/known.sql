    -- What the registry says of those who are asked for, few beside all that it lists: not members all along, and since
    -- when withdrawn (9999: not at all, 0001: nobody says since when).
    SELECT
        r.subject,
        bool_and(coalesce(r.kind = 'non_member', FALSE)) AS guest,
        max(coalesce(
            r.withdrawn,
            CASE WHEN r.kind = 'withdrawn' THEN '0001-01-01'::TIMESTAMP ELSE '9999-12-31'::TIMESTAMP END
        )) AS withdrawn
    FROM {subject} AS r
    SEMI JOIN {those} AS t ON r.subject = {of}
    GROUP BY r.subject
