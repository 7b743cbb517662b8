-- How often one person's visit shows personal pages and nothing else: the median over clients with enough visits, or over
-- addresses, whichever is less. Neither one client from many addresses nor many clients from one can move both.
CREATE OR REPLACE TEMP TABLE bare_chance AS
WITH visitor AS (SELECT client, client_ip, other = 0 AS bare FROM every_visit WHERE someone_first = someone_last)
SELECT greatest(0.1, coalesce(least(by_client.share, by_address.share), 1)) AS chance
FROM (
    SELECT coalesce(median(share) FILTER (visits >= 20), sum(bare) / sum(visits)) AS share
    FROM (SELECT count(*) AS visits, count(*) FILTER (bare) AS bare, count(*) FILTER (bare) / count(*) AS share FROM visitor GROUP BY client)
) AS by_client
CROSS JOIN (
    SELECT median(share) AS share
    FROM (SELECT count(*) FILTER (bare) / count(*) AS share FROM visitor GROUP BY client_ip)
) AS by_address;
