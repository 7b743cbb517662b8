"""Third persons from a SQLite database or a Parquet file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa

from haechi.model.errors import ScopeError
from haechi.store.lending import connect
from haechi.store.sql import literal

ROWS = 200_000
_END = re.compile(r"\s*;(?:\s|;|--[^\n]*)*\Z")  # the last semicolon, whatever remark stands behind it


def wrapped(sql: str) -> str:
    """The user's query as a table: so it can be nothing but a query. A last comment ends with its line."""
    return f"(\n{_END.sub('', sql)}\n) AS exposed"


def read_sqlite(database: str, sql: str, root: Path) -> Iterator[pa.Table]:
    """`sqlite:///file.db`, relative to the root; opened read-only. Values come as text."""
    file = root / database.removeprefix("sqlite:///")
    if not file.is_file():
        raise ScopeError("its SQLite file does not exist.", where=str(file))
    try:
        connection = sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise ScopeError(f"its SQLite file cannot be opened: {_plain(error)}.", where=str(file)) from None
    try:
        cursor = connection.execute(f"SELECT * FROM {wrapped(sql)} LIMIT 0")
        names = [column[0] for column in cursor.description]
        yield pa.table([pa.array([], pa.string()) for _ in names], names=names)
        # SQLite makes them text itself: an id may be a number in one row and a text in the next.
        texts = ", ".join(f'CAST("{name.replace(chr(34), chr(34) * 2)}" AS TEXT)' for name in names)
        cursor = connection.execute(f"SELECT {texts} FROM {wrapped(sql)}")
        while rows := cursor.fetchmany(ROWS):
            yield pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=names)
    except sqlite3.Error as error:
        raise ScopeError(f"SQLite refused its query: {_plain(error)}.", where=str(file)) from None
    finally:
        connection.close()


def _plain(error: sqlite3.Error) -> str:
    # SQLite's messages name tables and columns, never values.
    return str(error).rstrip(".")


def read_parquet(database: str, sql: str, root: Path) -> Iterator[pa.Table]:
    """A Parquet file, relative to the root, as table `exposes`; the query sees this file and nothing else."""
    file = (root / database).absolute()
    if not file.is_file():
        raise ScopeError("its Parquet file does not exist.", where=str(file))
    connection = connect("512MB", threads=1)
    try:
        path = literal(str(file))
        connection.execute(f"CREATE VIEW exposes AS SELECT * FROM read_parquet({path})")
        connection.execute(f"SET allowed_paths = [{path}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        answer = connection.sql(f"SELECT * FROM {wrapped(sql)}").to_arrow_reader(ROWS)
        yield answer.schema.empty_table()
        for batch in answer:
            yield pa.Table.from_batches([batch])
    except (duckdb.Error, pa.ArrowException) as error:
        raise ScopeError(f"its query on Parquet failed: {_kind(error)}.", where=str(file)) from None
    finally:
        connection.close()


def _kind(error: Exception) -> str:
    """What DuckDB says of names and syntax; of values only which kind of trouble it was."""
    text = str(error).splitlines()[0].rstrip(".")
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        return text
    return type(error).__name__
