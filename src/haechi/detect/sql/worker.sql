-- Accounts that act for the organisation and not for themselves, with the team that they are compared with:
--   named as staff or service; on the list of people; looking at the data of several others; or asking a database or a
--   cloud's interface, where nobody has a page of their own.
-- They are judged by their own account, not by the address that they share. An account on the list of people that is also
-- a data subject (staff who shop) is at work only where it looks at others.
--   team: the role where the list of people tells it, else the kind of account and the program it mostly uses
CREATE OR REPLACE TEMP TABLE worker AS
WITH acting AS (
    SELECT
        actor,
        bool_or(actor_kind IN ('staff', 'service')) AS named,
        bool_or(actor_kind = 'member') AS member,
        min(subject) FILTER (subject <> actor) <> max(subject) FILTER (subject <> actor) AS looks,
        bool_or(path IS NULL AND status IS NULL AND subject IS NULL AND action NOT IN ('login', 'logout', 'refresh')) AS direct,
        bool_or(subject = actor) AS own,
        -- Versions and devices are no difference between two colleagues' programs.
        mode(coalesce(actor_kind, '') || ' ' || regexp_extract(coalesce(client, ''), '^[A-Za-z_.-]*')) AS program
    FROM access
    WHERE actor IS NOT NULL
    GROUP BY actor
),
role AS (SELECT account, any_value(role) AS role FROM person WHERE account IS NOT NULL AND role IS NOT NULL GROUP BY account)
SELECT a.actor, coalesce(r.role, a.program) AS team
FROM acting AS a
LEFT JOIN role AS r ON r.account = a.actor
WHERE a.named
    OR (
        NOT coalesce(a.member, false)
        AND (
            coalesce(a.looks, false)
            OR (a.direct AND NOT coalesce(a.own, false))
            OR (a.actor IN (SELECT account FROM person) AND a.actor NOT IN (SELECT subject FROM subject WHERE subject IS NOT NULL))
        )
    );
