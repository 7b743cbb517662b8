-- Queries as a gate before the database writes them. `rows` is what went out, not whose.
SELECT
    concat(
        '{"time":"', strftime(make_timestamp(moment), '%Y-%m-%dT%H:%M:%S.%g'), 'Z'
        , '","node":"', node
        , '","seq":', seq
        , ',"db_user":"', account
        , '","client_addr":"', address >> 24, '.', (address >> 16) & 255, '.', (address >> 8) & 255, '.', address & 255
        , '","application":"', agent
        , '","database":"shopdb-1","command":"', method
        , '","object":"', prefix, CASE WHEN argument >= 0 THEN argument::VARCHAR ELSE '' END, suffix
        , '","rows":', greatest(rows, 0)
        , ',"bytes_out":', bytes
        , ',"status":', status, '}'
        , chr(10)
    ) AS line
FROM batch
