-- The issuer's own records of one part of the honest tokens, in order of time.
COPY (
    SELECT
        {begin} - INTERVAL 2 DAY + to_microseconds(t * {tokens_us}) AS time,
        'issuer' AS source,
        t + 1 AS seq,
        'login' AS issuer,
        'node-1' AS node,
        t + 1 AS node_seq,
        unhex(md5('T' || t)) AS credential,
        NULL::VARCHAR AS token_id,
        'main' AS key,
        'M' || ({block} * (owner // {real}) + owner % {real} * {back} % {block}) AS actor,
        time + INTERVAL 25 HOUR AS expires,
        FALSE AS bound,
        'issued' AS event
    FROM (SELECT t, (hash(t + 1) % {members})::BIGINT AS owner FROM range({tokens_from}, {tokens_to}) AS numbers (t))
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)
