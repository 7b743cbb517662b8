-- Pairs (whose page, who stood on it) with several entries, or with one that stood there for a part of the time only.
INSERT INTO scope_slow
SELECT *
FROM scope_reach
WINDOW pair AS (PARTITION BY subject, person)
QUALIFY count(*) OVER pair > 1 OR NOT bool_and(whole) OVER pair
