-- Accesses of accounts at work that tell their time.
CREATE OR REPLACE TEMP VIEW working AS SELECT * FROM acting_access WHERE at_work AND time IS NOT NULL;
