-- Every role that somebody could be, with what it may do everywhere. pg_roles shows this to anybody.
SELECT
    r.rolname AS name,
    r.rolcanlogin AS logs_in,
    CASE WHEN isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END AS until,
    coalesce(r.rolvaliduntil <= now(), false) AS over,
    array_remove(ARRAY[
        CASE WHEN r.rolsuper THEN 'superuser' END,
        CASE WHEN r.rolcreaterole THEN 'createrole' END,
        CASE WHEN r.rolcreatedb THEN 'createdb' END,
        CASE WHEN r.rolreplication THEN 'replication' END,
        CASE WHEN r.rolbypassrls THEN 'bypassrls' END
    ], NULL) AS attributes,
    coalesce(left(shobj_description(r.oid, 'pg_authid'), 2000), '') AS comment
FROM pg_catalog.pg_roles AS r
WHERE r.rolname !~ '^pg_' -- the system's own, in which nobody logs in
ORDER BY r.rolname
LIMIT %(most)s
