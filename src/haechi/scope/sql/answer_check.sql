-- Rows of a batch that cannot be used: nobody named, or a time that is none.
SELECT
    count(*) FILTER (subject IS NULL OR person IS NULL) AS nameless,
    count(*) FILTER (
        (since IS NOT NULL AND try_cast(since AS TIMESTAMPTZ) IS NULL)
        OR (until IS NOT NULL AND try_cast(until AS TIMESTAMPTZ) IS NULL)
    ) AS timeless
FROM scope_answer
