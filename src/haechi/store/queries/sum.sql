-- How many records these files hold, and a number that changes with any value in any of them, whatever their order.
SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0)::VARCHAR
FROM read_parquet([{files}])
WHERE {keep}
