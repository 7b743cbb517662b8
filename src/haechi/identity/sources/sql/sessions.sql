-- Every connection of somebody else's. A role that was dropped while connected has lost its name, not its session.
SELECT
    a.pid,
    coalesce(a.usename, 'oid:' || a.usesysid) AS name,
    a.backend_start AS since,
    coalesce(a.datname, '') AS database,
    coalesce(host(a.client_addr), '') AS address,
    a.backend_type AS type
FROM pg_catalog.pg_stat_activity AS a
WHERE a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid()
    AND coalesce(a.backend_type, 'client backend') IN ('client backend', 'walsender')
ORDER BY a.pid
LIMIT %(most)s
