-- How often files of a slice were shown of which the customer database does not say who stands in them.
SELECT coalesce(sum(p.shown), 0)::BIGINT AS requests
FROM {page} AS p
WHERE starts_with(p.subject, 'path:/')
  AND NOT EXISTS (SELECT 1 FROM scope_exposed AS e WHERE e.subject = p.subject)
