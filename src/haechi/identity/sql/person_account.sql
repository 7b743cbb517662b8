-- Whose account is whose: as the list of people says, and as systems and lists of accounts say.
CREATE OR REPLACE TEMP TABLE person_account AS
SELECT DISTINCT person, account, '' AS system FROM person WHERE account IS NOT NULL
UNION
SELECT DISTINCT person, account, system FROM fact
WHERE kind IN ('account', 'session', 'grant', 'exposure')
    AND time <= $at AND person IS NOT NULL AND account IS NOT NULL
