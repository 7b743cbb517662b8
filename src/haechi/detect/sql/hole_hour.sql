-- For each issuer and hour: the spans in which an access may carry a credential whose record is missing (from the
-- hole's first moment until a life after its last). By the hour, so that millions of accesses find them by hash.
CREATE OR REPLACE TEMP TABLE hole_hour AS
WITH span AS (
    SELECT h.issuer, h.first, h.last + s.life AS until
    FROM issuance_hole AS h JOIN issuer_span AS s USING (issuer)
),
edge AS (
    SELECT *, max(until) OVER (PARTITION BY issuer ORDER BY first, until
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM span
),
island AS (
    SELECT *, count(*) FILTER (reached IS NULL OR first > reached)
              OVER (PARTITION BY issuer ORDER BY first, until ROWS UNBOUNDED PRECEDING) AS n FROM edge
),
merged AS (SELECT issuer, min(first) AS first, max(until) AS until FROM island GROUP BY issuer, n),
hourly AS (
    SELECT *, unnest(range(date_trunc('hour', first), until + INTERVAL 1 MICROSECOND, INTERVAL 1 HOUR)) AS hour
    FROM merged
)
SELECT issuer, hour, list({'first': first, 'until': until}) AS spans FROM hourly GROUP BY ALL;
