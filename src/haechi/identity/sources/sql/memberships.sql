-- Every role that a role is in, also through others.
WITH RECURSIVE above AS (
    SELECT m.member, m.roleid FROM pg_catalog.pg_auth_members AS m
    UNION
    SELECT a.member, m.roleid
    FROM above AS a
    JOIN pg_catalog.pg_auth_members AS m ON m.member = a.roleid
)
SELECT member.rolname AS name, held.rolname AS held
FROM above
JOIN pg_catalog.pg_roles AS member ON member.oid = above.member
JOIN pg_catalog.pg_roles AS held ON held.oid = above.roleid
WHERE member.rolname !~ '^pg_'
ORDER BY 1, 2
LIMIT %(most)s
