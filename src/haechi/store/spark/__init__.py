"""Spark as an engine: the same SQL, written for Spark, over the same committed Parquet files."""
