/* ---
id = "secrets-in-bulk"
title = "Secrets read in bulk"
tier = "purpose"
severity = "high"
means = "One account asked a cloud for many different secrets within an hour: values of a secret store, encrypted parameters, administrators' passwords, start-up data of machines. Whoever holds them holds what they open."
normal = """
A program reads the handful of secrets that are its own, again and again. Only different secrets are counted, and those that the same account had read on habit_days earlier days are its own.
A job that distributes or rotates secrets needs a declared purpose ([[purpose]] with its calls as routes), or stands in declared.
Who only lists names of secrets has read none.
"""
attack = ["T1555.006", "T1552.005", "T1552"]
needs = ["secret_read"]
window = "day"
carry = """
SELECT DISTINCT 'actor' AS entity_kind, actor AS entity FROM secret_read
"""
sentence = "{entity} asked for {evidence_secrets} different secrets within an hour: {accesses:call}."
clause = "{entity} asked for {evidence_secrets} different secrets within an hour"

[params.min_secrets]
default = 10
unit = "secrets an hour"
meaning = "Fewer are what a program needs to start."

[params.in_a_batch]
default = 10
unit = "secrets a call"
meaning = "How many a call counts for that asks for all secrets that fit a filter; the record does not tell."

[params.habit_days]
default = 3
unit = "days"
meaning = "A secret that the same account had read on so many earlier days is its own."

[params.declared]
default = []
unit = "accounts"
meaning = "Accounts that may read many secrets, such as one that rotates them."
--- */
WITH asked AS (
    SELECT s.*
    FROM secret_read AS s
    ANTI JOIN explained AS e ON e.source = s.source AND e.seq = s.seq
    WHERE s.actor NOT IN (SELECT unnest($declared::VARCHAR[]))
),
day_of AS (
    SELECT actor, thing, time::DATE AS day, row_number() OVER (PARTITION BY actor, thing ORDER BY time::DATE) - 1 AS earlier
    FROM asked GROUP BY actor, thing, time::DATE
),
strange AS (
    SELECT a.*
    FROM asked AS a
    -- Of a call for all that fit a filter, nobody knows whether it brought the same ones again.
    LEFT JOIN day_of AS d ON d.actor = a.actor AND d.thing = a.thing AND d.day = a.time::DATE
    WHERE d.earlier < $habit_days
),
-- Two rows of hours, half an hour apart, so that no edge cuts a reading in two.
hourly AS (
    SELECT *, time_bucket(INTERVAL 1 HOUR, time + shift) AS bucket, shift
    FROM strange CROSS JOIN (VALUES (INTERVAL 0 MINUTE), (INTERVAL 30 MINUTE)) AS s (shift)
),
counted AS (
    SELECT actor, shift, bucket, sum(secrets)::BIGINT AS secrets
    FROM (
        SELECT actor, shift, bucket, thing,
            CASE WHEN bool_or(secrets IS NULL) THEN $in_a_batch * count(*) ELSE max(secrets) END AS secrets
        FROM hourly GROUP BY ALL
    )
    GROUP BY ALL
    HAVING sum(secrets) >= $min_secrets
),
most AS (SELECT actor, max(secrets) AS secrets FROM counted GROUP BY actor)
SELECT DISTINCT h.source, h.seq, 'actor' AS entity_kind, h.actor AS entity, m.secrets AS evidence_secrets
FROM hourly AS h
SEMI JOIN counted AS c ON c.actor = h.actor AND c.shift = h.shift AND c.bucket = h.bucket
JOIN most AS m ON m.actor = h.actor
