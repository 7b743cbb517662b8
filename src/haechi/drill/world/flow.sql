-- Connections out of a host, as a tap on the wire counts their bytes. It does not know who asked.
SELECT
    concat(
        '{"time":"', strftime(make_timestamp(moment), '%Y-%m-%dT%H:%M:%S.%g'), 'Z'
        , '","node":"', node
        , '","seq":', seq
        , ',"src_host":"subscriber-1","dst_addr":"', address >> 24, '.', (address >> 16) & 255, '.', (address >> 8) & 255, '.', address & 255
        , '","kind":"', method
        , '","resource":"', prefix, CASE WHEN argument >= 0 THEN argument::VARCHAR ELSE '' END, suffix
        , '","bytes_out":', bytes, '}'
        , chr(10)
    ) AS line
FROM batch
