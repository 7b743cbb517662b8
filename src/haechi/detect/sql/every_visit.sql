-- The visits of all days that showed data of somebody. An inspection of some days takes them from carried state.
CREATE OR REPLACE TEMP VIEW every_visit AS
SELECT client_ip, client, day, personal, other, someone_first, someone_last FROM visit WHERE personal > 0;
