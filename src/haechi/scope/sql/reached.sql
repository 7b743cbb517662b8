-- The entries reached, kept for one slice only; and those of them, of all slices, that need a look at each access.
CREATE OR REPLACE TEMP TABLE {name} (
    bit BIGINT, subject VARCHAR, person VARCHAR, bits HUGEINT, whole BOOLEAN, since TIMESTAMP, until TIMESTAMP,
    shown BIGINT, exports BIGINT, first TIMESTAMP, last TIMESTAMP, kind VARCHAR
)
