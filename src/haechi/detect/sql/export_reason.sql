-- Whether any reason is collected that an export could have: where none is, that an export has none says nothing.
CREATE OR REPLACE TEMP VIEW export_reason AS
SELECT kind FROM reason WHERE kind IN ('approval', 'purpose')
UNION ALL
SELECT name FROM purpose_setting;
