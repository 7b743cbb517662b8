-- Calls to a cloud, by role and temporary credential. The credential is named by its id, as trails do.
SELECT
    concat(
        '{"time":"', strftime(make_timestamp(moment), '%Y-%m-%dT%H:%M:%S.%g'), 'Z'
        , '","node":"', node
        , '","seq":', seq
        , ',"role":"', account
        , '","access_key":"', 'ASIA', upper(left(md5(concat('role ', $salt, account, moment // 21600000000)), 16))
        , '","issuer":"https://sts.cloud.example","source_addr":"', address >> 24, '.', (address >> 16) & 255, '.', (address >> 8) & 255, '.', address & 255
        , '","service":"s3","call":"', method
        , '","resource":"', prefix, CASE WHEN argument >= 0 THEN argument::VARCHAR ELSE '' END, suffix
        , '","bytes_out":', bytes
        , ',"agent":"', agent
        , '","status":', status, '}'
        , chr(10)
    ) AS line
FROM batch
