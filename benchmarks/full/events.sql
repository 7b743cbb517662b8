-- The issuer's records as an OpenID Connect provider writes them.
COPY (
    SELECT
        strftime(time, '%Y-%m-%dT%H:%M:%S.%f+00:00') AS ts,
        'access_token.issued' AS event,
        node,
        node_seq AS seq,
        issuer AS iss,
        key AS kid,
        actor AS sub,
        epoch(expires)::BIGINT AS exp,
        lower(hex(credential)) || lower(hex(credential)) AS token_sha256
    FROM read_parquet('{day}')
    ORDER BY node_seq
) TO '{file}' (FORMAT json)
