-- Who is at work from when to when, by account. The list of shifts may name accounts or persons.
CREATE OR REPLACE TEMP VIEW shift AS
SELECT coalesce(p.account, r.actor) AS actor, r.first, r.last
FROM reason AS r
LEFT JOIN (
    SELECT account AS name, account FROM person WHERE account IS NOT NULL
    UNION
    SELECT person, account FROM person WHERE account IS NOT NULL
) AS p ON p.name = r.actor
WHERE r.kind = 'shift' AND r.actor IS NOT NULL AND r.first IS NOT NULL AND r.last IS NOT NULL;
