-- Events of small cells. Each presents the same certificate, whose hash is written down.
SELECT
    concat(
        '{"time":"', strftime(make_timestamp(moment), '%Y-%m-%dT%H:%M:%S.%g'), 'Z'
        , '","node":"', node
        , '","seq":', seq
        , ',"cell":"', account
        , '","cert_sha256":"', sha256('certificate 2015')
        , '","issuer":"CN=small cells,O=carrier.example","cell_addr":"', address >> 24, '.', (address >> 16) & 255, '.', (address >> 8) & 255, '.', address & 255
        , '","event":"', method
        , '","resource":"', prefix, CASE WHEN argument >= 0 THEN argument::VARCHAR ELSE '' END, suffix
        , '","firmware":"', agent
        , '","status":', status, '}'
        , chr(10)
    ) AS line
FROM batch
