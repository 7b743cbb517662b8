-- Each different address of a client once, as a number that compares: networks are looked up here and not in every record.
CREATE OR REPLACE TEMP TABLE numbered_address AS
SELECT client_ip, address_number(client_ip) AS number
FROM (SELECT DISTINCT client_ip FROM access WHERE client_ip IS NOT NULL);
