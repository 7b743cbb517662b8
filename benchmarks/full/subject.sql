-- The registry: every member there is, long before the first record.
COPY (
    SELECT
        'registry' AS source,
        nth + 1 AS seq,
        'M' || ({block} * (nth // {real}) + nth % {real} * {back} % {block}) AS subject,
        TIMESTAMP '2019-01-01' AS since,
        NULL::TIMESTAMP AS withdrawn,
        'member' AS kind,
        FALSE AS canary
    FROM range({members}) AS numbers (nth)
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)
