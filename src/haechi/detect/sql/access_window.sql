-- Everybody's accesses in all windows that are asked about: for who compares with all others. An inspection of some days
-- shows a rule fewer accesses than these.
CREATE OR REPLACE TEMP VIEW access_window AS SELECT * FROM access;
