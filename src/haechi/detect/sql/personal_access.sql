-- Whether any access is known to have shown personal data: where none is, nobody can be over a budget of people.
CREATE OR REPLACE TEMP VIEW personal_access AS
SELECT source, seq FROM access WHERE nullif(fields, '') IS NOT NULL;
