-- Who may read or write the tables of given patterns, of this database: also as owner, through PUBLIC, by a column,
-- or by becoming (SET ROLE) another role that may.
WITH named AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE
        c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND EXISTS (SELECT FROM unnest(%(patterns)s::text[]) AS p WHERE n.nspname || '.' || c.relname LIKE p)
),
may AS (
    SELECT
        r.oid,
        t.name AS table_name,
        bool_or(has_table_privilege(r.oid, t.oid, 'SELECT') OR has_any_column_privilege(r.oid, t.oid, 'SELECT')) AS reads,
        bool_or(
            has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE')
        ) AS writes
    FROM pg_catalog.pg_roles AS r
    CROSS JOIN named AS t
    GROUP BY r.oid, t.name
)
SELECT l.rolname AS name, m.table_name, bool_or(m.reads) AS reads, bool_or(m.writes) AS writes
FROM pg_catalog.pg_roles AS l
JOIN may AS m ON pg_has_role(l.oid, m.oid, 'MEMBER')
WHERE l.rolname !~ '^pg_' AND (m.reads OR m.writes)
GROUP BY l.rolname, m.table_name
ORDER BY 1, 2
LIMIT %(most)s
