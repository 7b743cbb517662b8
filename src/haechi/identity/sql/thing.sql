-- Every account, right, session and version of a secret that anything is known of, under a number of its own: the
-- tables that follow sort by numbers, which costs a third of sorting by names.
CREATE OR REPLACE TEMP TABLE thing AS
SELECT row_number() OVER () AS thing, *
FROM (
    SELECT DISTINCT
        kind,
        coalesce(system, '') AS system,
        CASE WHEN kind = 'secret' THEN '' ELSE coalesce(account, '') END AS account,
        coalesce(object, '') AS object,
        CASE WHEN kind = 'secret' THEN unnest(string_split(coalesce(version, ''), ',')) ELSE '' END AS version
    FROM fact
    WHERE kind IN ('account', 'grant', 'session', 'secret') AND time <= $at
)
