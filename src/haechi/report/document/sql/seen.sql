-- The month in one reading, narrowed to numbers: everything that has many different values is counted from here.
-- Grouping numbers costs a quarter of grouping text. A person and an account stand as two hashes of 64 bits: the chance that
-- of a hundred million two become one is 1 in 10 to the power of 22. An address, a network and a credential stand as one.
--   day:     of the month, in the workspace's zone
--   quarter: of an hour, UTC, counted from 1970: where a name is found again
--   held:    the cases that hold the request, as in report_member
--   net:     the first three numbers of an address, or the first 48 bits of a long one
CREATE OR REPLACE TEMP TABLE report_seen AS
SELECT
    report_hash(subject) AS subject,
    report_hash('#' || subject) AS subject_2,
    report_hash(actor) AS actor,
    report_hash('#' || actor) AS actor_2,
    report_hash(client_ip) AS address,
    report_hash(regexp_extract(client_ip, '{net}')) AS net,
    report_hash(credential) AS credential,
    (epoch_us(time) // 900000000)::INTEGER AS quarter,
    day(local)::UTINYINT AS day,
    shown,
    refused,
    coalesce(action = 'export', false) AS export,
    subjects IS NOT NULL AS told,
    action IS NOT NULL AS what,
    fields IS NULL AS unknown,
    {held} AS held
FROM report_access AS a{join}
