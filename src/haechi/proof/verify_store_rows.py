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
import zstandard

from haechi.evidence.blind import person_hashes
from haechi.evidence.hashing import DIGEST, Hashes, sha256_rows
from haechi.model.errors import HaechiError, StoreError
from haechi.store import canonical
from haechi.store.canonical import schema_of
from haechi.store.lending import connect
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


def read_raw(path: Path, store_key: bytes, units: int, most: int) -> Raw:
    """Unpack and hash all raw lines of a batch, about a megabyte at a time. Raises one of `UNREADABLE`.

    `units`: how many there are. `most`: bytes that are unpacked of a file that was packed anew by somebody else.
    """
    made = hashlib.sha256(store_key)
    parts: list[Hashes] = []
    try:
        file = RawFile.open(path)
        for _, data, offsets in file.stretches():
            made.update(data)
            parts.append(raw_hashes(data, offsets))
        lengths = file.lengths
    except StoreError:
        data, offsets = _packed_anew(path, units, most)
        made, parts, lengths = hashlib.sha256(store_key + data), [raw_hashes(data, offsets)], np.diff(offsets)
    hashes = np.concatenate(parts) if parts else np.empty((0, DIGEST), np.uint8)
    return Raw(hashes, lengths, made.hexdigest())


def _packed_anew(path: Path, units: int, most: int) -> tuple[bytes, Lengths]:
    """The bytes of a file whose frames are not those that were written, and where units begin if each is one line.

    Raises `ValueError` where they are not: then nothing tells where one unit ends.
    """
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader,
        ):
            data = reader.read(most + 1)
    except zstandard.ZstdError as error:
        raise ValueError("no zstd") from error
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")).astype(np.int64) + 1
    if data and not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    if len(data) > most or len(ends) != units:
        raise ValueError("not one line a unit")
    return data, np.concatenate([np.zeros(1, np.int64), ends])


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
