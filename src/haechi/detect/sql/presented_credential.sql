-- What was presented, once each: a credential with its issuer, key and the account that it named. Rules look for the few
-- strange ones here, and only then for their accesses.
--   accesses: how often     personal: of these, let in to personal pages     told: the most persons that one answer told of
CREATE OR REPLACE TEMP TABLE presented_credential AS
SELECT
    issuer, key, credential, actor, coalesce(status IN (401, 403), false) AS refused,
    count(*) AS accesses,
    count(*) FILTER (personal) AS personal,
    max(subjects) AS told
FROM signed_access
GROUP BY ALL;
