-- The case's addresses, and what staff did from them beside it: all staff (`known`), and the case's own accounts (`usual`).
WITH addresses AS (
    SELECT case_no, count(*) AS addresses, sum(accesses)::BIGINT AS accesses FROM suspect_address GROUP BY case_no
),
known AS (
    SELECT
        s.case_no, count(DISTINCT s.client_ip) AS addresses, count(DISTINCT h.actor) AS accounts,
        sum(h.accesses)::BIGINT AS accesses
    FROM suspect_address AS s
    JOIN honest_work AS h USING (client_ip)
    GROUP BY s.case_no
),
usual AS (
    SELECT
        w.case_no, coalesce(sum(h.accesses), 0)::BIGINT AS accesses,
        coalesce(sum(h.accesses) FILTER (s.client_ip IS NOT NULL), 0)::BIGINT AS accesses_there
    FROM suspect_worker AS w
    JOIN honest_work AS h USING (actor)
    LEFT JOIN suspect_address AS s ON s.case_no = w.case_no AND s.client_ip = h.client_ip
    GROUP BY w.case_no
)
SELECT
    a.case_no, a.addresses,
    coalesce(k.addresses, 0) AS known_addresses, coalesce(k.accounts, 0) AS known_accounts,
    coalesce(k.accesses, 0) AS known_accesses,
    coalesce(u.accesses, 0) AS usual_accesses, coalesce(u.accesses_there, 0) AS usual_there,
    (SELECT coalesce(sum(accesses), 0)::BIGINT FROM honest_work) AS honest_accesses
FROM addresses AS a
LEFT JOIN known AS k USING (case_no)
LEFT JOIN usual AS u USING (case_no)
