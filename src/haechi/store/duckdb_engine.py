"""DuckDB in process: the default engine. It holds no data of its own, so any number of processes may read at once."""

from __future__ import annotations

import re
import secrets
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from haechi.model.tables import ASIDE, SCHEMAS
from haechi.store import layout
from haechi.store.lending import connect
from haechi.store.sql import literal

# That a result is copied once more is known: for a small one it costs less than binding a long query twice.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)

_IN_PARQUET = frozenset(("VARCHAR", "BIGINT", "INTEGER", "BOOLEAN", "BLOB", "DOUBLE", "DATE", "TIMESTAMP"))
_TYPES = {
    pa.string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.int64(): "BIGINT",
    pa.int32(): "INTEGER",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us"): "TIMESTAMP",
}
MANY_FILES = 8  # from which on it pays to ask first which of them hold anything
_PACKED = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"
_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
BATCH_VIEW = pa.schema(
    [
        ("id", pa.string()),
        ("table_name", pa.string()),
        ("source", pa.string()),
        ("path", pa.string()),
        ("begins", pa.int64()),  # at which byte of the (unpacked) file
        ("rows", pa.int64()),
        ("set_aside", pa.int64()),
        ("seq_from", pa.int64()),
        ("seq_to", pa.int64()),
        ("first_time", pa.timestamp("us")),
        ("last_time", pa.timestamp("us")),
        ("collected", pa.timestamp("us")),
        ("problem", pa.string()),  # of the last batch of a file: why it could not be read further
        ("gone", pa.string()),  # "expired" or "missing": its records are not in the tables; "": they are
        ("erased", pa.int64()),  # rows of it that were removed with a person's key
        ("bytes_sent", pa.int64()),
    ]
)


@dataclass(frozen=True)
class _Bound:
    """What a view over many files was made of."""

    columns: str
    files: list[str]  # as literals
    view: str  # as DuckDB writes it


class DuckDBEngine:
    """An `Engine` over DuckDB. Views are bound by whoever opens it: `open_engine` or `memory_engine`."""

    bit_sets = True

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, checkpoint: str = "", spool: Path | None = None
    ) -> None:
        """`spool`: where rows that are kept may lie as files. Without it they are tables in memory."""
        self.checkpoint = checkpoint
        self._connection = connection
        ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
        self.memory = _bytes(limit)
        self._spool_in = spool
        self._spool: tempfile.TemporaryDirectory[str] | None = None
        self._kept: dict[str, list[Path]] = {}
        self._bound: dict[str, _Bound] = {}

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self._run(sql, params).fetchall()

    def arrow(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        if params:
            return self._run(sql, params).to_arrow_table()
        return self._connection.sql(sql).to_arrow_table()

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        self._run(sql, params)

    def keep(self, name: str, *sql: str, params: Mapping[str, Any] | None = None) -> None:
        folder = self.folder
        if folder is None or not self._fits_parquet(sql[0], params):
            # Where a file bears the name, the query may read it: it goes after.
            made = f"{name}_made" if name in self._kept else name
            # On the query's first line: an error's line is then the line in its file.
            self._run(f"CREATE OR REPLACE TEMP TABLE {made} AS {sql[0]}", params)
            for more in sql[1:]:
                self._run(f"INSERT INTO {made} {more}", params)
            if made != name:
                self._forget(name)
                self._run(f"ALTER TABLE {made} RENAME TO {name}", None)
            return
        files = [folder / f"{name}-{secrets.token_hex(4)}.parquet" for _ in sql]
        for file, text in zip(files, sql, strict=True):
            self._run(f"COPY ({text}\n) TO {literal(str(file))} ({_PACKED})", params)
        self._forget(name)
        names = ", ".join(literal(str(file)) for file in files)
        self._run(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet([{names}])", None)
        self._kept[name] = files

    @property
    def folder(self) -> Path | None:
        """The folder of kept rows, in the store and not wherever temporary files go.

        Made when first asked for, entered by us alone, gone with the engine. None for a store of few records, or one
        that we may read only.
        """
        if self._spool is None and self._spool_in is not None:
            try:
                self._spool_in.mkdir(parents=True, exist_ok=True)
                self._spool = tempfile.TemporaryDirectory(prefix=layout.KEPT, dir=self._spool_in)
            except OSError:  # a store that we may read only: tables in memory then
                self._spool_in = None
        return Path(self._spool.name) if self._spool else None

    def _fits_parquet(self, sql: str, params: Mapping[str, Any] | None) -> bool:
        """Whether a file gives back what went in: it has no 128-bit integers, for one."""
        return all(kind in _IN_PARQUET for _, kind in self.columns(sql, params))

    def _forget(self, name: str) -> None:
        """Make room for another table or view of that name."""
        if name in self._kept:
            self._run(f"DROP VIEW {name}", None)
            for file in self._kept.pop(name):
                file.unlink(missing_ok=True)
        elif self.rows(
            "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = $name", {"name": name}
        ):
            self._run(f"DROP TABLE {name}", None)

    def register(self, name: str, table: pa.Table) -> None:
        self._connection.register(name, table)

    def holding(self, table: str, *conditions: str) -> list[str]:
        bound = self._bound.get(table)
        if bound is None or len(bound.files) < MANY_FILES or self._view(table) != bound.view:
            return [table] * len(conditions)
        # A reader for each column of each file is what takes long: here there is one for a condition's columns alone.
        narrow = f"read_parquet([{', '.join(bound.files)}], filename = true)"
        asked = " UNION ALL ".join(
            f"SELECT {n} AS n, filename FROM {narrow} WHERE {condition}"
            for n, condition in enumerate(conditions)
        )
        found: list[list[str]] = [[] for _ in conditions]
        for n, file in self.rows(f"SELECT DISTINCT n, filename FROM ({asked}) ORDER BY ALL"):
            found[n].append(literal(str(file)))
        if not any(found):  # that there is nothing is said by the table itself: it may be what a pack attests
            return [table] * len(conditions)
        nothing = f"(SELECT * FROM {table} LIMIT 0)"
        return [
            f"(SELECT {bound.columns} FROM read_parquet([{', '.join(held)}]))" if held else nothing
            for held in found
        ]

    def bind(self, table: str, schema: pa.Schema, files: Sequence[Path]) -> None:
        """Make `table` a view over exactly these Parquet files (an empty relation of its schema if there are none)."""
        columns = ", ".join(f'"{name}"' for name in schema.names)
        names = [literal(str(file)) for file in files]
        if files:
            self.execute(
                f"CREATE TEMP VIEW {table} AS SELECT {columns} FROM read_parquet([{', '.join(names)}])"
            )
        else:
            empty = ", ".join(f'NULL::{_TYPES[field.type]} AS "{field.name}"' for field in schema)
            self.execute(f"CREATE TEMP VIEW {table} AS SELECT {empty} WHERE FALSE")
        if len(files) >= MANY_FILES:
            self._bound[table] = _Bound(columns, names, self._view(table))

    def _view(self, name: str) -> str:
        """What a view says, so that another one of its name is told from it."""
        found = self.rows(
            "SELECT sql FROM duckdb_views() WHERE temporary AND view_name = $name", {"name": name}
        )
        return str(found[0][0]) if found else ""

    def close(self) -> None:
        self._connection.close()
        if self._spool:
            self._spool.cleanup()

    def columns(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
        described = self._run(f"DESCRIBE {sql}", params).fetchall()
        return [(str(row[0]), str(row[1])) for row in described]

    def _run(self, sql: str, params: Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql, dict(params)) if params else self._connection.execute(sql)


def _bytes(said: str) -> int:
    """Bytes of a size as DuckDB says it: "1.8 GiB"."""
    number, unit = re.fullmatch(r"([0-9.]+) (\w+)", said).groups()  # type: ignore[union-attr]
    return round(float(number) * _UNITS[unit])


def memory_engine(tables: Mapping[str, pa.Table] | None = None, memory: str = "1GB") -> DuckDBEngine:
    """An engine over Arrow tables alone: for rule fixtures and tests. Missing columns are NULL."""
    engine = DuckDBEngine(connect(memory, threads=1), checkpoint="memory 0 -")
    for name, schema in SCHEMAS.items():
        given = (tables or {}).get(name)
        engine.register(f"{name}_rows", schema.empty_table() if given is None else conform(given, schema))
        engine.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {name}_rows")
    engine.register("batch", BATCH_VIEW.empty_table())
    engine.register("aside", ASIDE.empty_table())
    return engine


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
