-- Whether more of what was presented is vouched for by nobody than by its issuer. Counted by what stands in the tables,
-- which costs nothing: a credential of several accounts or keys counts once each.
SELECT (SELECT count(*) FROM presented_credential) > 2 * (SELECT count(*) FROM vouched_credential)
