-- Pairs that need a look at each access: several entries, or one that stood there for a part of the time only.
CREATE OR REPLACE TEMP TABLE scope_slow AS
SELECT subject, person
FROM scope_reach
GROUP BY subject, person
HAVING count(*) > 1 OR NOT bool_and(whole)
