-- Whose data the bad requests really showed: one row a natural person.
-- In: request (truth), book (address book), document (who stands in which file), member (registry). A member's own
-- page shows the member; an address list also shows everybody who stood in that member's book at that moment; a file
-- shows everybody in it. Withdrawn are those who had withdrawn when they were last shown.
WITH shown AS (
    SELECT scenario, subject, route, path, time
    FROM request
    WHERE shown
)

, direct AS (
    SELECT scenario, subject AS person, min(time) AS first_shown, max(time) AS last_shown
    FROM shown
    WHERE subject IS NOT NULL
    GROUP BY ALL
)

, indirect AS (
    SELECT shown.scenario, book.person, min(shown.time) AS first_shown, max(shown.time) AS last_shown
    FROM shown
    INNER JOIN book USING (subject)
    WHERE
        shown.route = '/api/me/addresses'
        AND shown.time >= book.since
        AND (book.until IS NULL OR shown.time < book.until)
    GROUP BY ALL
)

, filed AS (
    SELECT shown.scenario, document.person, min(shown.time) AS first_shown, max(shown.time) AS last_shown
    FROM shown
    INNER JOIN document USING (path)
    GROUP BY ALL
)

, everybody AS (
    SELECT
        person
        , min(first_shown) AS first_shown
        , max(last_shown) AS last_shown
        , list(DISTINCT scenario::VARCHAR ORDER BY scenario::VARCHAR) AS scenarios
    FROM (FROM direct UNION ALL FROM indirect UNION ALL FROM filed)
    GROUP BY person
)

SELECT
    everybody.person
    , CASE
        WHEN member.id IS NULL THEN 'non_member'
        WHEN member.withdrawn <= everybody.last_shown THEN 'withdrawn'
        ELSE 'member'
    END AS kind
    , everybody.first_shown
    , everybody.scenarios
FROM everybody
LEFT JOIN member ON member.id = everybody.person
ORDER BY everybody.person
