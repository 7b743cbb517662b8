-- What the [[exposes]] answered: on whose page (subject) stands whom (person), with which fields, from when to when.
CREATE OR REPLACE TEMP TABLE scope_exposed (
    exposes INTEGER, subject VARCHAR, person VARCHAR, fields VARCHAR, since TIMESTAMP, until TIMESTAMP
);
