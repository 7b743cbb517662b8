-- The records of several batches in one file, sorted for look-ups by person. `source, seq` last: the order is one order.
-- Row groups of 61,440 rows: a group has one dictionary of each column, which is unpacked whole for a single row. It may
-- hold more values than that, since DuckDB writes a bloom filter only for a column that has a dictionary, and a credential
-- is looked up by its bloom filter.
COPY (
    SELECT {columns}
    FROM read_parquet([{files}])
    WHERE {keep}
    ORDER BY {order}
) TO {target} (
    FORMAT parquet,
    COMPRESSION zstd,
    ROW_GROUP_SIZE 61440,
    DICTIONARY_SIZE_LIMIT 65000,
    KV_METADATA {{'haechi.salt': {salt}}}
)
