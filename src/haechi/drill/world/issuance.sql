-- Issuances as an identity provider's event lines, in UTC. `exp` is in seconds, as in the token (RFC 7519).
SELECT
    concat(
        '{"ts":"', strftime(make_timestamp(moment), '%Y-%m-%dT%H:%M:%S.%g'), 'Z'
        , '","event":"access_token.issued","node":"', node
        , '","seq":', seq
        , ',"iss":"', $issuer
        , '","jti":"', md5(concat('jti ', $salt, token))
        , '","kid":"', kid
        , '","sub":"'
        , CASE WHEN actor >= 0 THEN actor::VARCHAR ELSE account::VARCHAR END
        , '","exp":', moment // 1000000 + $life
        , ',"token_sha256":"', sha256(concat('token ', $salt, token)), '"}'
        , chr(10)
    ) AS line
FROM batch
