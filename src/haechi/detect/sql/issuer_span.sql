-- For each issuer whose issuance is collected: the time for which its log can vouch.
--   life: the longest life of a credential. The setting, unless more than 1 % of the records say that they live longer.
--   tail: how far behind the last record an access may still be judged. Twenty usual gaps of the log: were it still
--         being written, there would have been a record. Never more than one life.
CREATE OR REPLACE TEMP TABLE issuer_span AS
WITH log AS (
    SELECT
        i.issuer, min(i.time) AS first, max(i.time) AS last, count(*) AS records,
        max(i.expires - i.time) AS longest, any_value(s.life) AS set_life,
        count(*) FILTER (i.expires - i.time > coalesce(s.life, INTERVAL 1 HOUR)) AS longer
    FROM issued AS i
    LEFT JOIN (SELECT issuer, to_microseconds(token_life_us) AS life FROM issuer_setting) AS s USING (issuer)
    WHERE i.time IS NOT NULL
    GROUP BY i.issuer
),
lived AS (
    SELECT *, CASE WHEN longer > 0.01 * records THEN longest ELSE coalesce(set_life, INTERVAL 1 HOUR) END AS life
    FROM log
)
SELECT
    issuer, first, last, records, life,
    least(to_microseconds(20 * (epoch_us(last) - epoch_us(first)) // greatest(records - 1, 1)), life) AS tail
FROM lived;
