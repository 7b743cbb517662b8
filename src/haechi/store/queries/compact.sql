-- The records of several batches in one file, sorted for look-ups by person. `source, seq` last: the order is one order.
-- Row groups of 122,880 rows; a dictionary up to more than that many values, since DuckDB writes a bloom filter only
-- for a column that has one, and a credential is looked up by its bloom filter.
COPY (
    SELECT {columns}
    FROM read_parquet([{files}])
    WHERE {keep}
    ORDER BY {order}
) TO {target} (
    FORMAT parquet,
    COMPRESSION zstd,
    ROW_GROUP_SIZE 122880,
    DICTIONARY_SIZE_LIMIT 130000,
    KV_METADATA {{'haechi.salt': {salt}}}
)
