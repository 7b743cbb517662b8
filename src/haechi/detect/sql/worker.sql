-- Accounts that act for the organisation and not for themselves: named as staff or service, on the list of people, or
-- looking at the data of several others. They are judged by their own account, not by the address that they share.
-- An account on the list of people that is also a data subject (staff who shop) works only where it looks at others.
CREATE OR REPLACE TEMP TABLE worker AS
SELECT actor FROM access WHERE actor_kind IN ('staff', 'service') AND actor IS NOT NULL
UNION
SELECT account FROM person WHERE account IS NOT NULL AND account NOT IN (SELECT subject FROM subject WHERE subject IS NOT NULL)
UNION
SELECT actor
FROM access
WHERE actor IS NOT NULL AND subject IS NOT NULL AND actor <> subject AND coalesce(actor_kind, 'staff') = 'staff'
GROUP BY actor
HAVING min(subject) <> max(subject);
