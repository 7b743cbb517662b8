-- The working tables of one scoping. They live in the engine only and may spill to its disk.
CREATE OR REPLACE TEMP TABLE scope_part (
    subject VARCHAR, mask BIGINT, requests BIGINT, shown BIGINT, exports BIGINT,
    first TIMESTAMP, last TIMESTAMP, bits HUGEINT, ebits HUGEINT
);
CREATE OR REPLACE TEMP TABLE scope_subject (
    subject VARCHAR, existed BOOLEAN, requests BIGINT, shown BIGINT,
    first TIMESTAMP, last TIMESTAMP, bits HUGEINT, ebits HUGEINT
);
CREATE OR REPLACE TEMP TABLE scope_reach (
    bit BIGINT, subject VARCHAR, person VARCHAR, bits HUGEINT, whole BOOLEAN, since TIMESTAMP, until TIMESTAMP,
    shown BIGINT, exports BIGINT, first TIMESTAMP, last TIMESTAMP, kind VARCHAR
);
CREATE OR REPLACE TEMP TABLE scope_pair (
    person VARCHAR, subject VARCHAR, kind VARCHAR, times BIGINT,
    first TIMESTAMP, last TIMESTAMP, bits HUGEINT, ebits HUGEINT
);
CREATE OR REPLACE TEMP TABLE scope_touch (
    person VARCHAR, subject VARCHAR, kind VARCHAR, times BIGINT,
    first TIMESTAMP, last TIMESTAMP, bits HUGEINT, ebits HUGEINT
);
CREATE OR REPLACE TEMP TABLE scope_person (
    person VARCHAR, kind VARCHAR, own BOOLEAN, through BIGINT,
    first TIMESTAMP, last TIMESTAMP, times BIGINT, bits HUGEINT, ebits HUGEINT
);
