-- Accounts. One person each (their own, mostly) needs no further counting: `alone` tells.
CREATE OR REPLACE TEMP TABLE report_actor AS
SELECT
    actor,
    any_value(actor_kind) AS kind,
    count(*) AS requests,
    count(*) FILTER (shown) AS shown,
    count(*) FILTER (action = 'export' AND NOT refused) AS exports,
    count(*) FILTER (shown AND subject IS NOT NULL) AS named,
    coalesce(min(subject) FILTER (shown) = max(subject) FILTER (shown), false) AS alone
FROM report_access
WHERE actor IS NOT NULL
GROUP BY actor
