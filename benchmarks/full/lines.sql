-- A day's records as the lines that a gateway writes (nginx JSON). A digest is twice the sixteen bytes that the world has.
COPY (
    SELECT
        strftime(time, '%Y-%m-%dT%H:%M:%S.%f+00:00') AS time,
        client_ip AS remote_addr,
        method AS request_method,
        'shop.example' AS host,
        path AS uri,
        status,
        bytes AS body_bytes_sent,
        client AS http_user_agent,
        actor AS jwt_claim_sub,
        key AS jwt_header_kid,
        issuer AS jwt_claim_iss,
        lower(hex(credential)) || lower(hex(credential)) AS token_sha256
    FROM read_parquet('{day}')
    ORDER BY seq
) TO '{file}' (FORMAT json)
