-- The networks of each case, those with the most requests first.
SELECT
    s.case_no, n.country, n.owner, n.asn, n.kind,
    count(*) AS addresses, sum(s.accesses)::BIGINT AS requests
FROM suspect_address AS s
JOIN case_network AS n USING (client_ip)
WHERE n.country IS NOT NULL OR n.owner IS NOT NULL OR n.asn IS NOT NULL OR n.kind IS NOT NULL
GROUP BY s.case_no, n.country, n.owner, n.asn, n.kind
QUALIFY row_number() OVER (PARTITION BY s.case_no ORDER BY sum(s.accesses) DESC, n.owner, n.country) <= $listed
ORDER BY s.case_no, requests DESC, n.owner, n.country
