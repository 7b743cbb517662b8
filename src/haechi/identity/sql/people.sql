-- Whom the list of people knows, and when they left. People can come back: the last departure counts, and only if no
-- row says that the person is there.
SELECT
    person,
    CASE WHEN bool_and(departed IS NOT NULL) THEN max(departed) END AS departed,
    arg_max(source, (coalesce(departed, joined), source, seq)) AS source,
    arg_max(seq, (coalesce(departed, joined), source, seq)) AS seq
FROM employment
GROUP BY person
ORDER BY person
