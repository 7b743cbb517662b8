-- Whose exports could have a reason on record: where nobody's could, that one has none says nothing.
--   actor: NULL: everybody's, since approvals are collected; else an account with a declared purpose
CREATE OR REPLACE TEMP VIEW export_reason AS
SELECT NULL::VARCHAR AS actor FROM reason WHERE kind = 'approval'
UNION
SELECT actor FROM purpose_setting;
