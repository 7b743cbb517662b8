-- What a tap or a firewall saw leave a host: bytes to an address, and nobody who asked. Hosts that answer queries which
-- are on record elsewhere send about as much as these tell.
CREATE OR REPLACE TEMP VIEW flow AS
SELECT source, seq, time, coalesce(host, path) AS host, client_ip, bytes
FROM access
WHERE action = 'export' AND actor IS NULL AND credential IS NULL AND status IS NULL AND client_ip IS NOT NULL AND bytes > 0;
