-- The case's addresses by network: which say of themselves, or by their owner's name, that machines are rented there.
SELECT
    s.case_no, count(*) AS addresses, count(DISTINCT n.owner) AS owners, count(DISTINCT n.country) AS countries,
    count(*) FILTER (
        n.kind IS NOT NULL
        OR regexp_matches(n.owner, '(?i)hosting|cloud|server|\bvps\b|data ?cent|colocation|amazon|\baws\b|google|microsoft|digitalocean|\bovh\b|hetzner|linode|vultr|alibaba|tencent|leaseweb|contabo')
    ) AS rented
FROM suspect_address AS s
JOIN case_network AS n USING (client_ip)
GROUP BY s.case_no
