-- Whose data was shown in each of the months before, each person once.
SELECT month, count(*) AS persons
FROM (
    SELECT
        date_trunc('month', a.time + {offset})::DATE AS month,
        asked_subject(subject, subjects, actor, actor_kind, fields) AS subject
    FROM access AS a
    WHERE time >= TIMESTAMP '{begin}' AND time < TIMESTAMP '{last}'
        AND nullif(fields, '') IS NOT NULL AND coalesce(outcome = 'success', coalesce(bytes, 1) <> 0)
    GROUP BY ALL
)
WHERE subject IS NOT NULL
GROUP BY month
