-- The truth in its units: requests, accounts and ids that never existed are three numbers.
SELECT
    count(*) AS requests
    , count(*) FILTER (shown) AS requests_shown
    , count(DISTINCT subject) FILTER (shown) AS accounts
    , count(DISTINCT subject) FILTER (phase = 'ghost') AS ghosts
    , count(DISTINCT address) AS addresses
    , min(epoch_us(time)) AS first_us
    , max(epoch_us(time)) AS last_us
FROM request
