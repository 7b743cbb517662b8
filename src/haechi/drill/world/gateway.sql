-- Requests as the lines of an nginx access log with `log_format ... escape=json`.
-- Times are written in Korean local time, as a gateway in Seoul would. Without a token, the claims are empty
-- (an empty variable) and the token's hash is "-" (the default of a map).
SELECT
    concat(
        '{"time":"', strftime(make_timestamp(moment + 32400000000), '%Y-%m-%dT%H:%M:%S.%g'), '+09:00'
        , '","node":"', node
        , '","seq":', seq
        , ',"remote_addr":"', address >> 24, '.', (address >> 16) & 255, '.', (address >> 8) & 255, '.', address & 255
        , '","request_method":"', method
        , '","host":"shop.example","uri":"', prefix, CASE WHEN argument >= 0 THEN argument::VARCHAR ELSE '' END, suffix
        , '","status":', status
        , ',"body_bytes_sent":', bytes
        , ',"request_time":', millis // 1000, '.', lpad((millis % 1000)::VARCHAR, 3, '0')
        , ',"http_user_agent":"', agent
        , CASE
            WHEN token < 0
            THEN '","jwt_claim_sub":"","jwt_header_kid":"","jwt_claim_iss":"","jwt_claim_jti":"","token_sha256":"-"}'
            ELSE
                concat(
                    '","jwt_claim_sub":"'
                    , CASE WHEN actor >= 0 THEN actor::VARCHAR ELSE account::VARCHAR END
                    , '","jwt_header_kid":"', kid
                    , '","jwt_claim_iss":"', $issuer
                    , '","jwt_claim_jti":"', md5(concat('jti ', $salt, token))
                    , '","token_sha256":"', sha256(concat('token ', $salt, token)), '"}'
                )
        END
        , chr(10)
    ) AS line
FROM batch
