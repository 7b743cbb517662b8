/* ---
id = "shared-credential"
title = "One credential in many hands"
tier = "behaviour"
severity = "medium"
means = "One credential was used from many addresses with many programs within an hour, while most credentials have one place and one program: a session, key or certificate that was copied."
normal = """
Phones change between two networks, and a household's proxy hides it. It takes min_places different pairs of address and program in an hour, factor times what the busiest hundredth of credentials has in its busiest hour.
A key that a fleet of servers shares by design comes from many places every day: where that is so on more than usual_share of its days, it is how it is used, and a credential seen on few days is compared with the others only.
"""
attack = ["T1550.001", "T1539"]
needs = ["personal_access"]
window = "day"
carry = """
-- What is usual is told by all days; asked for only where a credential has more places than are left alone.
SELECT 'all' AS entity_kind, '' AS entity
FROM access
WHERE credential IS NOT NULL AND client_ip IS NOT NULL AND coalesce(status, 0) NOT IN (401, 403)
GROUP BY credential, date_trunc('hour', time)
HAVING count(*) >= $min_places AND count(DISTINCT concat_ws(' ', client_ip, client)) >= $min_places
LIMIT 1
"""
sentence = "{kind} {entity} was used from {evidence_places} places within an hour: {accesses:request} for data of {subjects:person|people}."
clause = "{kind} {entity} was used from {evidence_places} places within an hour"

[params.min_places]
default = 5
unit = "addresses and programs an hour"
meaning = "Fewer are a telephone on the move."

[params.factor]
default = 2.0
unit = "times the usual"
meaning = "So many times the highest hundredth of all credentials."

[params.usual_share]
default = 0.5
unit = "share of days"
meaning = "On more of its days in many places, and seen on at least ten days: that is how it is used."
--- */
WITH busiest AS (SELECT credential, max(places) AS places FROM credential_place GROUP BY credential),
usual AS (
    -- Those that never move have one place. Few credentials tell no hundredth.
    SELECT
        CASE WHEN (SELECT count(*) FROM credential_used) >= 100
            THEN greatest(1, coalesce(
                (SELECT quantile_disc(places, 0.99) FROM (SELECT places FROM busiest UNION ALL SELECT 1 FROM credential_used WHERE NOT moves)), 1
            ))
            ELSE 1 END AS places
),
over AS (
    SELECT p.credential, p.hour, p.places
    FROM credential_place AS p CROSS JOIN usual AS u
    WHERE p.places >= greatest($min_places, $factor * u.places)
),
habit AS (
    SELECT p.credential
    FROM (SELECT credential, count(DISTINCT hour::DATE) AS days FROM credential_place GROUP BY credential) AS p
    JOIN (SELECT credential, count(DISTINCT hour::DATE) AS days FROM over GROUP BY credential) AS o USING (credential)
    WHERE p.days >= 10 AND o.days > $usual_share * p.days
),
flagged AS (SELECT * FROM over ANTI JOIN habit USING (credential))
SELECT
    a.source, a.seq, 'credential' AS entity_kind, lower(hex(a.credential)) AS entity,
    max(f.places) OVER (PARTITION BY a.credential) AS evidence_places
FROM access AS a
JOIN flagged AS f ON f.credential = a.credential AND f.hour = date_trunc('hour', a.time)
WHERE nullif(a.fields, '') IS NOT NULL AND coalesce(a.status, 0) NOT IN (401, 403)
