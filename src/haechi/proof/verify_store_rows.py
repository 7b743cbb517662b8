"""Reading back what was sealed: records and set-aside lines from Parquet, raw lines from their packed file.

Whatever an altered file holds, reading it ends in values or in one of `UNREADABLE`.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from haechi.evidence.blind import person_hashes
from haechi.evidence.hashing import DIGEST, Hashes, sha256_rows
from haechi.model.errors import HaechiError
from haechi.store import canonical
from haechi.store.canonical import schema_of
from haechi.store.duckdb_engine import connect
from haechi.store.raw_file import Lengths, RawFile
from haechi.store.seal import persons_of, raw_hashes
from haechi.store.sql import literal

UNREADABLE: Final = (
    duckdb.Error,
    pa.ArrowException,
    OSError,
    ValueError,  # UnicodeDecodeError and many of Arrow's are such
    OverflowError,
    MemoryError,
    HaechiError,
)
CHUNK: Final = 122_880  # rows at a time
NO_TIME: Final = np.iinfo(np.int64).min
_MEMORY: Final = "1GB"  # of each thread's engine
_local = threading.local()

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Rows of a table: the hashes that their leaves are made from, and what a batch's header counts.

    times: microseconds since 1970 UTC, `NO_TIME` for NULL and in tables without times
    sent:  bytes sent, 0 for NULL and in tables without
    foreign: whether the row belongs to another source than asked for
    """

    seqs: Numbers
    persons: Hashes
    records: Hashes
    times: Numbers
    sent: Numbers
    foreign: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Raw:
    """The raw lines of a batch: the hash and the length of each unit, and the fingerprint of the whole."""

    hashes: Hashes
    lengths: Lengths
    mac: str


def read_chunks(path: Path, table: str) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file with their canonical texts, in the file's order. Raises one of `UNREADABLE`.

    Read it to its end before another file in the same thread.
    """
    columns = ", ".join(f'"{name}"' for name in schema_of(table).names)
    stored = f"(SELECT {columns} FROM read_parquet({literal(str(path))}))"
    yield from _connection().sql(canonical.with_canonical(table, stored)).to_arrow_reader(CHUNK)


def _connection() -> duckdb.DuckDBPyConnection:
    """The thread's own engine: making one costs more than reading a small batch. It reads one file at a time."""
    if not hasattr(_local, "connection"):
        _local.connection = connect(_MEMORY, threads=1)
    connection: duckdb.DuckDBPyConnection = _local.connection
    return connection


def hashed(chunk: pa.RecordBatch, table: str, source: str) -> Rows:
    """The hashes of a chunk's rows. Safe to call from several threads at once. Raises one of `UNREADABLE`."""
    found = pa.Table.from_batches([chunk])
    rows = found.select(schema_of(table).names)
    foreign = pc.fill_null(pc.not_equal(rows["source"], source), True)
    return Rows(
        seqs=_numbers(rows["seq"], -1),
        persons=person_hashes(persons_of(table, rows)),
        records=sha256_rows(canonical.texts(found, rows)),
        times=_column(rows, "time", NO_TIME),
        sent=_column(rows, "bytes", 0),
        foreign=foreign.to_numpy(zero_copy_only=False)
        if isinstance(foreign, pa.Array)
        else foreign.to_numpy(),
    )


def read_raw(path: Path, store_key: bytes) -> Raw:
    """Unpack and hash all raw lines of a batch, about a megabyte at a time. Raises one of `UNREADABLE`."""
    file = RawFile.open(path)
    made = hashlib.sha256(store_key)
    parts: list[Hashes] = []
    for _, data, offsets in file.stretches():
        made.update(data)
        parts.append(raw_hashes(data, offsets))
    hashes = np.concatenate(parts) if parts else np.empty((0, DIGEST), np.uint8)
    return Raw(hashes, file.lengths, made.hexdigest())


def lines_before(path: Path, units: Numbers) -> Numbers:
    """How many lines of a batch's raw bytes end before each of these units, which are in order."""
    found, lines = [], 0
    for first, data, offsets in RawFile.open(path).stretches():
        here = units[(units >= first) & (units < first + len(offsets) - 1)] - first
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        found.append(lines + np.searchsorted(ends, offsets[here]))
        lines += len(ends)
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _column(rows: pa.Table, name: str, null: int) -> Numbers:
    if name not in rows.column_names:
        return np.full(len(rows), null, np.int64)
    return _numbers(rows[name], null)


def _numbers(column: pa.ChunkedArray, null: int) -> Numbers:
    if pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.int64())
    values: Any = pc.fill_null(column, null).to_numpy()
    return np.asarray(values, np.int64)
