-- Queries that both engines must answer alike, each after its name. The table `few`: x has 1, 2, NULL, 4; d 0.5, 1.5,
-- 2.5, NULL; s a, b, é, NULL; b bytes; t times. The table `near` has the groups and numbers for ASOF joins.

-- division of integers
SELECT 1 / 4;

-- division by zero is infinite
SELECT x / 0, 0 / (x - x), -x / 0.0 FROM few WHERE x = 1;

-- division of decimals is of doubles
SELECT 1.5 / 7;

-- whole division cuts towards zero
SELECT (0 - 7) // 2, 7 // (0 - 2), (0 - 7) % 3;

-- left to right
SELECT 20 * 7 // 3, 100 // 7 // 2, 2 * (3 + 4);

-- a power is a double
SELECT x ** 2 FROM few WHERE x = 2;

-- casts round half to even
SELECT 0.5::DOUBLE::BIGINT, 1.5::DOUBLE::BIGINT, 2.5::DOUBLE::BIGINT, (0 - 2.5::DOUBLE)::BIGINT;

-- decimals and texts round away from zero
SELECT 2.5::BIGINT, 2.5::DECIMAL(9, 1)::INTEGER, regexp_extract('at -2.5', '[-.0-9]+$')::BIGINT;

-- a text as a number stays exact
SELECT v::BIGINT, try_cast(v AS BIGINT) FROM (VALUES ('9223372036854775807'), ('-12345678901234567'), (' 12.7 ')) AS t (v) ORDER BY ALL;

-- doubles that are nearly a half
SELECT v::BIGINT, try_cast(v AS INTEGER) FROM (VALUES (0.49999999999999994::DOUBLE), (1.4999999999999998::DOUBLE), (2.5::DOUBLE), (-3.5::DOUBLE), (12.7::DOUBLE)) AS t (v) ORDER BY ALL;

-- a truth as a number
SELECT (1 = 1)::INTEGER, (1 IS NULL)::INTEGER;

-- wide integers stay exact
SELECT 9007199254740993::BIGINT;

-- sums of many
SELECT sum(x), sum(x)::BIGINT FROM few;

-- bits
SELECT 1::BIGINT << 40, (5::BIGINT >> 1::INTEGER) & 3, bit_count(255::BIGINT), bit_or(x) FROM few;

-- sets of 126 bits
SELECT bit_or(v::HUGEINT), min(v)::HUGEINT | max(v)::HUGEINT FROM (SELECT unnest([1::HUGEINT, 42535295865117307932921825928971026432::HUGEINT, 4611686018427387904::HUGEINT]) AS v);

-- no NULL first
SELECT list(x ORDER BY x), list(s ORDER BY s) FROM few;

-- a list keeps NULL
SELECT len(list(x)), list_sort(list(DISTINCT x)) FROM few;

-- the last rank of NULL
SELECT row_number() OVER (ORDER BY x) FROM few ORDER BY x NULLS LAST;

-- largest by two
SELECT arg_max(s, (d, x)), arg_min(s, (d, x)) FROM few;

-- largest by what may be NULL
SELECT arg_max(s, d), arg_max(x, s), arg_min(s, (x, s)) FROM few;

-- NULL inside a row is the largest
SELECT arg_max(n, (a, b)) FROM (VALUES (1, 1, 1), (2, 1, NULL)) AS v (n, a, b);

-- any value but NULL
SELECT any_value(v) FROM (VALUES (NULL), (7)) AS t (v);

-- the least few
SELECT min(s, 2), min(s, 9) FILTER (x > 1) FROM few;

-- median
SELECT median(x), median(d), median(x) FILTER (x > 9) FROM few;

-- quantiles
SELECT quantile_disc(d, 0.5), quantile_disc(x, 0.99), quantile_cont(d, 0.9), quantile_cont(x, 0.25) FROM few;

-- counted by two
SELECT count(DISTINCT (x, d)), count(DISTINCT x) FROM few;

-- filters within windows
SELECT max(x) FILTER (x < 3) OVER (), avg(x) FILTER (d < 2) OVER () FROM few;

-- truths together
SELECT bool_or(x > 3), bool_and(x > 0), bool_or(x > 3) FILTER (x < 2) FROM few;

-- corr
SELECT round(corr(x, d), 9) FROM few;

-- qualify
SELECT s FROM few WINDOW w AS (ORDER BY x DESC) QUALIFY row_number() OVER w <= 2 AND count(*) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) > 0 ORDER BY s;

-- latest but NULL
SELECT last_value(x IGNORE NULLS) OVER (ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) FROM few ORDER BY s;

-- group by all, having an alias
SELECT x > 1 AS y, count(*) AS n FROM few GROUP BY ALL HAVING n > 0 ORDER BY ALL;

-- an alias used at once
SELECT x + 1 AS y, y * 2 AS z FROM few ORDER BY z;

-- from first
FROM few SEMI JOIN (SELECT 1 AS x) USING (x);

-- anti join
SELECT s FROM few ANTI JOIN (SELECT 1 AS x) USING (x) ORDER BY s;

-- a row in rows
SELECT s FROM few WHERE (x, s) IN (SELECT (1, 'a')) ORDER BY s;

-- not in what is empty
SELECT count(*) FROM few WHERE s NOT IN (SELECT unnest($empty::VARCHAR[]));

-- not in what has NULL
SELECT count(*) FROM few WHERE s NOT IN (SELECT unnest(['a', NULL]));

-- exists either way
SELECT s FROM few AS o WHERE EXISTS (FROM few AS i WHERE i.x = o.x + 1) OR NOT EXISTS (FROM few AS i WHERE i.x <= o.x) ORDER BY s;

-- the nearest earlier
SELECT a.n, b.k FROM (VALUES (1), (5), (9), (10)) AS a (n) ASOF LEFT JOIN near AS b ON b.g = 1 AND a.n >= b.k ORDER BY a.n;

-- exclude
SELECT * EXCLUDE (t, b) FROM few ORDER BY s;

-- distinct from
SELECT count(*) FROM few WHERE x IS DISTINCT FROM 1 AND d IS NOT DISTINCT FROM d;

-- greatest leaves NULL out
SELECT greatest(x, 2, NULL), least(d, 1.0) FROM few ORDER BY ALL;

-- text by bytes
SELECT 'a' < 'B', 'é' > 'z', min(s), max(s) FROM few;

-- parts of texts
SELECT split_part('a?b', '?', 5), string_split('a|b|', '|'), string_split('', '/'), left('abc', 2), starts_with('abc', 'ab'), contains('a.c', '.');

-- patterns
SELECT regexp_extract('ab12', '\d+'), regexp_extract('ab12', '(\w)(\d)', 2), regexp_extract('x', 'y'), regexp_matches('aB', '(?i)b$'), regexp_full_match('ab', 'a'), regexp_full_match(E'a\n', 'a');

-- all matches
SELECT regexp_extract_all('"1","22"', '"(\d+)"', 1), regexp_replace('a:b:c', ':[^:]*$', '');

-- joined
SELECT concat_ws(' ', NULL, 'a', 'b'), array_to_string(['a', NULL, 'b'], ','), 'a' || 1 || NULL, 2 || 'b';

-- formats
SELECT format('{:,} of {} ({:.2f})', 1234567, 'x', 2.0 / 3), format('{:,}', NULL::BIGINT), printf('%02x', 10);

-- formats of NULL
SELECT format('{:.2f}', d), printf('%d', x) FROM few ORDER BY ALL;

-- lists
SELECT list_position(['a', 'b'], 'b'), list_position(['a'], 'b'), list_slice([1, 2, 3], 1, 2), [1, 2, 3, 4, 5][1:4], list_contains(['a'], 'a'), list_has_all(['a', 'b'], ['b']);

-- lists worked through
SELECT list_filter([1, 2, 3], lambda v: v > 1), list_transform(['a'], lambda v: v || 'b'), list_aggregate(['a', 'b'], 'string_agg', '-');

-- lists compared
SELECT [1, NULL] = [1, NULL], list_sort([3, NULL, 1]);

-- ranges
SELECT unnest(range(0, 3)) UNION ALL SELECT unnest(range(3, 0));

-- hours
SELECT unnest(range(TIMESTAMP '2025-01-01 00:00', TIMESTAMP '2025-01-01 02:00', INTERVAL 1 HOUR));

-- hex
SELECT hex(b), lower(hex(b)), unhex('0aff'), sha256('a') FROM few WHERE x = 1;

-- structs
SELECT to_json({'a': 1, 'b': NULL::VARCHAR, 'c': ['x']})::VARCHAR, {'first': x}.first FROM few WHERE x = 1;

-- microseconds
SELECT t, epoch_us(t), t + to_microseconds(1), t - INTERVAL 1 MICROSECOND, t - (t - INTERVAL 1 DAY) FROM few WHERE x = 1;

-- times cut off
SELECT date_trunc('hour', t), date_trunc('month', t::DATE), date_trunc(u, t) FROM few CROSS JOIN (VALUES ('day'), ('month')) AS v (u) WHERE x = 1 ORDER BY ALL;

-- parts of times
SELECT hour(t), minute(t), isodow(t), day(t::DATE), last_day(t::DATE), t::DATE + 1 FROM few WHERE x = 1;

-- times in words
SELECT strftime(t, '%Y-%m-%d %H:%M:%S.%f'), strftime(t, '%a'), strftime(t::DATE, 'on %Y-%m-%d'), strftime(t, '[it''s] %d#100%%') FROM few WHERE x = 1;

-- zones
SELECT (t AT TIME ZONE 'UTC') AT TIME ZONE 'Asia/Seoul', timezone('America/New_York', timezone('UTC', t)) FROM few WHERE x = 1;

-- days between
SELECT datediff('day', TIMESTAMP '2025-01-01 23:59', TIMESTAMP '2025-01-02 00:01');

-- months added
SELECT TIMESTAMP '2025-01-31 10:00' + INTERVAL 1 MONTH;

-- ends of time
SELECT count(*) FROM few WHERE t BETWEEN '-infinity'::TIMESTAMP AND 'infinity'::TIMESTAMP;

-- buckets
SELECT time_bucket(INTERVAL 1 HOUR, t) FROM few WHERE x = 1;

-- try
SELECT try_cast('12' AS BIGINT), try_cast('x' AS BIGINT), try_cast('12.7' AS INTEGER), try_cast(1e30 AS BIGINT), try_cast('99999999999999999999' AS BIGINT), try_cast('2025-01-01 00:00:00' AS TIMESTAMPTZ)::TIMESTAMP;

-- parameters
SELECT $n, $big, $share, $text, $none::VARCHAR, $yes, $when, epoch($span), TIMESTAMP '2025-01-01 00:00' + $span;

-- lists as parameters
SELECT count(*) FROM few WHERE s IN (SELECT unnest($names::VARCHAR[]));

-- whatever its case
SELECT S, X FROM FEW WHERE x = 1;

-- names that are words
SELECT x AS "first", d AS over, s AS of FROM few WHERE x = 1;

-- the same name twice
SELECT x, x FROM few WHERE x = 1;

-- rows of a list with another type
SELECT unnest(range(TIMESTAMP '2025-01-01 00:00', TIMESTAMP '2025-01-03 00:00', INTERVAL 1 DAY))::DATE AS day;

-- different values over a window
SELECT s, count(DISTINCT d > 1) OVER (PARTITION BY x > 1) FROM few ORDER BY s;
