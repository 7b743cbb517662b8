-- Every reason with the account that holds it, and from when to when it holds, the grace of [reasons] included.
-- Shifts are not here: to be at work is no reason to see a particular person. Nor are relations of private life.
--   actor:        an account; NULL: anybody may     subject: NULL: of anybody     routes, fields: NULL: any
--   begin, until: declared purposes only, in minutes of the local day              days: NULL: every day
CREATE OR REPLACE TEMP TABLE reason_holder AS
WITH account_of AS (
    -- Ticket systems name an account, personnel systems a person.
    SELECT account AS name, account FROM person WHERE account IS NOT NULL
    UNION
    SELECT person, account FROM person WHERE account IS NOT NULL
),
withdrawn AS (
    -- The question was opened again, so that what was accepted no longer counts (haechi.respond.explain).
    SELECT reference FROM reason WHERE kind = 'answer' AND role = '(withdrawn)' AND reference IS NOT NULL
),
stated AS (
    SELECT r.* FROM reason AS r
    WHERE r.kind IN ('order', 'ticket', 'approval', 'purpose')
        OR (r.kind = 'answer' AND coalesce(r.reference, '') NOT IN (SELECT reference FROM withdrawn))
        OR (r.kind = 'relation' AND NOT coalesce(private_relation(r.text), false))
),
closing AS (
    -- A list that is exported each day shows a ticket open before it shows it closed.
    SELECT source, kind, reference, actor, subject, max(last) AS last
    FROM stated WHERE last IS NOT NULL AND reference IS NOT NULL
    GROUP BY ALL
),
bounded AS (
    SELECT
        s.source, s.seq, s.kind, s.actor, s.role, s.subject, s.route, s.fields, s.reference, s.text,
        s.first, coalesce(s.last, c.last) AS last,
        coalesce(
            s.last, c.last, CASE WHEN s.kind IN ('order', 'ticket') THEN s.first + to_microseconds(g.open_for_us) END
        ) AS until,
        -- An answer is about accesses that were made: what came before or after them was not asked about.
        CASE WHEN s.kind = 'answer' THEN 0 ELSE g.grace_before_us END AS grace_before_us,
        CASE WHEN s.kind = 'answer' THEN 0 ELSE g.grace_after_us END AS grace_after_us
    FROM stated AS s
    LEFT JOIN closing AS c
        ON s.last IS NULL AND c.source = s.source AND c.kind = s.kind AND c.reference = s.reference
            AND c.actor IS NOT DISTINCT FROM s.actor AND c.subject IS NOT DISTINCT FROM s.subject
    CROSS JOIN reason_setting AS g
),
held AS (
    SELECT b.*, coalesce(a.account, b.actor) AS account
    FROM bounded AS b LEFT JOIN account_of AS a ON a.name = b.actor
    WHERE b.role IS NULL OR b.actor IS NOT NULL
    UNION ALL
    SELECT b.*, p.account
    FROM bounded AS b
    JOIN (SELECT DISTINCT lower(role) AS role, account FROM person WHERE account IS NOT NULL) AS p
        ON b.actor IS NULL AND p.role = lower(b.role)
)
SELECT
    kind, account AS actor, subject,
    coalesce(first - to_microseconds(grace_before_us), '-infinity'::TIMESTAMP) AS since,
    coalesce(until + to_microseconds(grace_after_us), 'infinity'::TIMESTAMP) AS until,
    CASE WHEN route IS NOT NULL THEN [route] END AS routes, fields, NULL::INTEGER AS window_begin, NULL::INTEGER AS window_end, NULL::VARCHAR[] AS days,
    reference, first, last, text,
    -- Numbered in the order in which they were read, so that every engine takes the same one of several.
    row_number() OVER (ORDER BY source, seq, account) AS n
FROM held
UNION ALL
SELECT
    'purpose', actor, NULL, '-infinity'::TIMESTAMP, 'infinity'::TIMESTAMP, routes, fields, begin, until, days,
    name, NULL, NULL, concat_ws(': ', nullif(said, ''), reason), -row_number() OVER (ORDER BY name, actor, reason)
FROM purpose_setting;
