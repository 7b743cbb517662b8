-- Which windows of time are asked about: an inspection of some days names these, a full one all.
CREATE OR REPLACE TEMP VIEW looked AS
SELECT '-infinity'::TIMESTAMP AS first, 'infinity'::TIMESTAMP AS last;
