-- One day's access records of the full-size world, in order of time. Parameters in braces are numbers of the script.
-- A member's number exists where number * 337 % 777 < 337; `nth` of them is 777 * (nth // 337) + nth % 337 * {back} % 777.
COPY (
    WITH address_list AS (  -- phase A: each view with a token of its own, members only, again and again
        SELECT
            {begin} + to_microseconds(v * {views_us}) AS time,
            v % {members} AS nth,
            'A' || v AS token,
            '203.0.113.' || v % 16 AS client_ip,
            '/members/{{id}}/addresses' AS route,
            'address,name,phone' AS fields
        FROM range({views_from}, {views_to}) AS numbers (v)
    ),
    walk AS (  -- phase B: every number there could be, once
        SELECT
            {begin} + to_microseconds({attack_us} + w * {ids_us}) AS time,
            w AS number,
            'B' || w AS token,
            '198.51.' || w % 2313 // 250 || '.' || w % 2313 % 250 AS client_ip
        FROM range({walk_from}, {walk_to}) AS numbers (w)
    ),
    honest AS (  -- a token's holder at home, within a day of its issue
        SELECT
            {begin} + to_microseconds(h * {honest_us}) AS time,
            hash(h) AS dice,
            {tokens_before} + h * ({tokens} - {tokens_before}) // {honest} - (hash(h) % ({tokens_before} // 2))::BIGINT AS token_number
        FROM range({honest_from}, {honest_to}) AS numbers (h)
    ),
    everything AS (
        SELECT
            time, 'M' || ({block} * (nth // {real}) + nth % {real} * {back} % {block}) AS member, unhex(md5(token)) AS credential,
            client_ip, 'ShopApp/6.1' AS client, '/members/{{id}}/addresses' AS route, route IS NOT NULL AS own_page,
            fields, 200 AS status
        FROM address_list
        UNION ALL
        SELECT
            time, 'M' || number, unhex(md5(token)), client_ip, 'ShopApp/6.1', '/members/{{id}}', TRUE, 'name,email',
            CASE WHEN number * {real} % {block} < {real} THEN 200 ELSE 404 END
        FROM walk
        UNION ALL
        SELECT
            time, 'M' || ({block} * (owner // {real}) + owner % {real} * {back} % {block}), unhex(md5('T' || token_number)),
            '10.' || owner % 256 || '.' || owner // 256 % 256 || '.' || owner // 65536 % 256,
            'agent ' || owner % 400,
            CASE WHEN dice % 10 < 6 THEN '/products/{{id}}' ELSE '/members/{{id}}' END,
            dice % 10 >= 6, CASE WHEN dice % 10 < 6 THEN '' ELSE 'name,email' END, 200
        FROM (SELECT *, (hash(token_number + 1) % {members})::BIGINT AS owner FROM honest)
    )
    SELECT
        time,
        'gateway' AS source,
        {seq} + row_number() OVER (ORDER BY time) AS seq,
        member AS actor,
        'member' AS actor_kind,
        credential,
        CASE WHEN client = 'ShopApp/6.1' THEN 'backup' ELSE 'main' END AS key,
        'login' AS issuer,
        client_ip,
        client,
        NULL::VARCHAR AS host,
        'GET' AS method,
        CASE WHEN own_page THEN replace(route, '{{id}}', member) ELSE '/products/' || hash(member) % 100000 END AS path,
        route,
        CASE WHEN own_page THEN 'view' ELSE 'list' END AS action,
        CASE WHEN own_page THEN member END AS subject,
        NULL::BIGINT AS subjects,
        fields,
        status::INTEGER AS status,
        CASE WHEN status = 200 THEN 'success' ELSE 'failure' END AS outcome,
        500 + (epoch_us(time) % 900) AS bytes,
        NULL::VARCHAR AS node,
        NULL::BIGINT AS node_seq
    FROM everything
    ORDER BY time
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)
