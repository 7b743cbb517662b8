-- The network of an address: IPv4 by the first three numbers, IPv6 by the first four groups. Who moves within them has not moved.
CREATE OR REPLACE TEMP MACRO client_network(client_ip) AS
CASE WHEN contains(client_ip, ':') THEN array_to_string(string_split(client_ip, ':')[1:4], ':')
    ELSE regexp_extract(client_ip, '^\d+\.\d+\.\d+') END;
