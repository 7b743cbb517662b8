-- Accounts that act for the organisation and not for themselves, with the team that they are compared with:
--   named as staff or service; on the list of people; looking at the data of several others, of people whom the record
--   does not name, or of many at once; or asking a database or a cloud's interface, where nobody has a page of their own.
-- They are judged by their own account, not by the address that they share. An account on the list of people that is also
-- a data subject (staff who shop) is at work only where it looks at others.
--   team:   the role on the list of people; for those on no list, the usual role of who uses the same program
--   listed: whether the list of people knows the account
CREATE OR REPLACE TEMP TABLE worker AS
WITH acting AS (
    SELECT
        actor,
        bool_or(actor_kind IN ('staff', 'service')) AS named,
        bool_or(actor_kind = 'member') AS member,
        coalesce(min(first_other) <> max(last_other), false)
            OR (bool_or(looks OR direct) AND NOT coalesce(bool_or(own), false)) AS looks,
        arg_max(coalesce(actor_kind, '') || ' ' || program, (accesses, program)) AS program
    FROM actor_use
    GROUP BY actor
),
role AS (SELECT account, any_value(role) AS role FROM person WHERE account IS NOT NULL GROUP BY account),
at_work AS (
    SELECT a.actor, a.program, r.role, r.account IS NOT NULL AS listed
    FROM acting AS a
    LEFT JOIN role AS r ON r.account = a.actor
    WHERE coalesce(a.named, false)
        OR (
            NOT coalesce(a.member, false)
            AND (
                a.looks
                OR (r.account IS NOT NULL AND a.actor NOT IN (SELECT subject FROM subject WHERE subject IS NOT NULL))
            )
        )
),
usual AS (
    SELECT program, arg_max(role, (accounts, role)) AS role
    FROM (SELECT program, role, count(*) AS accounts FROM at_work WHERE role IS NOT NULL GROUP BY program, role)
    GROUP BY program
)
SELECT w.actor, coalesce(w.role, u.role, w.program) AS team, w.listed, w.program
FROM at_work AS w
LEFT JOIN usual AS u ON u.program = w.program;
