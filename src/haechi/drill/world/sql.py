"""DuckDB for writing files: one thread, so that the same world is the same bytes; and silent."""

from __future__ import annotations

import duckdb


def connect(zone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A connection of its own, in memory, that reads and writes times in this zone. The caller closes it."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    # A progress bar would go to standard output, into the middle of a JSON document.
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET TimeZone = '{zone}'")
    return connection
