-- Each chunk's share of the pairs in scope_slow.
CREATE OR REPLACE TEMP TABLE scope_touch (
    person VARCHAR, subject VARCHAR, kind VARCHAR, times BIGINT,
    first TIMESTAMP, last TIMESTAMP, bits HUGEINT, ebits HUGEINT
)
