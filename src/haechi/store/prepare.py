"""Make a batch's files: records to Parquet, raw bytes to zstd, a blinded Merkle tree over its units.

This is the heavy part and touches nothing that is shared: several threads prepare batches at once, each with its
own DuckDB connection, and the writer then commits them in order.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from haechi.evidence import durable
from haechi.evidence.hashing import DIGEST
from haechi.model.tables import ASIDE
from haechi.store import canonical, layout, leaves_file, raw_file
from haechi.store.keys import StoreKeys
from haechi.store.seal import Texts, persons_of, raw_hashes, seal

ROW_GROUP = 122_880
SALT = b"haechi.salt"  # in the metadata of every Parquet file, so that its hash cannot be guessed back
_OF_ALL = ("source", "node", "kind", "event", "role")
_OF_ACCESS = (
    "actor_kind",
    "key",
    "issuer",
    "client",
    "host",
    "method",
    "route",
    "action",
    "fields",
    "outcome",
    "status",
)
REPEATING = frozenset((*_OF_ALL, *_OF_ACCESS))
COUNTING = frozenset(("time", "seq", "bytes", "node_seq"))  # near each other: the differences are packed
# Least and greatest of these tell nothing in rows that stand in the order of time, and cost time to find.
SCATTERED = frozenset(("client_ip", "credential", "path", "bytes", "token_id"))


@dataclass(frozen=True)
class Task:
    """One batch to make: its place, its records, and the bytes they were read from.

    rows:    in (source, seq) order; `texts` are the same rows in canonical form
    aside:   the places of the units set aside, in the same order
    offsets: where each unit begins in `raw`, and where the last one ends
    """

    root: Path
    number: int
    table: str
    period: str
    seq_from: int
    rows: pa.Table
    texts: pa.ChunkedArray
    aside: pa.Table
    raw: bytes | memoryview
    offsets: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Prepared:
    """Files that wait in `tmp/` under a batch's number, and what its header will say of them."""

    number: int
    rows: int
    set_aside: int
    first: int | None
    last: int | None
    bytes_sent: int
    raw_bytes: int
    raw_mac: str
    root: str
    period: str
    hashes: dict[str, str]  # SHA-256 of the files, by kind
    files: tuple[tuple[Path, Path], ...]  # (where it waits, where it belongs)


def prepare(task: Task, keys: StoreKeys, connection: duckdb.DuckDBPyConnection) -> Prepared:
    """Write the files of one batch to `tmp/`, synced to disk."""
    places = layout.batch_files(task.root, task.number)
    waiting = {kind: layout.tmp_folder(task.root) / path.name for kind, path in places.items()}
    batch_key = secrets.token_bytes(DIGEST)
    records = Texts(_units(task.rows, task.seq_from), persons_of(task.table, task.rows), task.texts)
    asides = _aside_texts(task, connection)
    sealed = seal(
        keys.period(task.period),
        batch_key,
        task.seq_from,
        raw_hashes(task.raw, task.offsets),
        records,
        asides,
    )
    used = ["records", "raw", "leaves"]
    write_records(task.rows, waiting["records"])
    if len(task.aside):
        pq.write_table(salted(task.aside.cast(ASIDE)), waiting["aside"], compression="zstd")
        used.append("aside")
    waiting["raw"].write_bytes(raw_file.content(task.raw, task.offsets))
    leaves, root = leaves_file.content(batch_key, sealed)
    waiting["leaves"].write_bytes(leaves)
    hashes = {kind: sync_and_hash(waiting[kind]) for kind in used}
    first, last = _span(task.rows)
    return Prepared(
        number=task.number,
        rows=len(task.rows),
        set_aside=len(task.aside),
        first=first,
        last=last,
        bytes_sent=_sum(task.rows, "bytes"),
        raw_bytes=len(task.raw),
        raw_mac=keys.mac(task.raw),
        root=root.hex(),
        period=task.period,
        hashes=hashes,
        files=tuple((waiting[kind], places[kind]) for kind in used),
    )


def sync_and_hash(path: Path) -> str:
    """Flush a file to the disk, and its SHA-256, hex."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return durable.sha256(path)


def salted(rows: pa.Table) -> pa.Table:
    """The table with 16 random bytes in its metadata."""
    return rows.replace_schema_metadata({SALT: secrets.token_hex(16)})


def _units(rows: pa.Table, seq_from: int) -> npt.NDArray[np.int64]:
    seqs: npt.NDArray[np.int64] = rows["seq"].to_numpy()
    return seqs - seq_from


def _aside_texts(task: Task, connection: duckdb.DuckDBPyConnection) -> Texts:
    """The set-aside units to seal. Few batches have any."""
    texts: pa.ChunkedArray = pa.chunked_array([], pa.string())
    if len(task.aside):
        connection.register("aside_to_hash", task.aside)
        result = connection.sql(canonical.with_canonical("aside", "aside_to_hash")).to_arrow_table()
        texts = canonical.texts(result, task.aside)
        connection.unregister("aside_to_hash")
    return Texts(_units(task.aside, task.seq_from), persons_of("aside", task.aside), texts)


def write_records(rows: pa.Table, path: Path) -> None:
    """Write rows of a table to a Parquet file of a batch, with a salt. String columns may be dictionaries."""
    # A dictionary only where values repeat: building one for each address or credential costs more than it saves.
    repeating = [name for name in rows.column_names if name in REPEATING]
    counting = {name: "DELTA_BINARY_PACKED" for name in rows.column_names if name in COUNTING}
    writer = pq.ParquetWriter(
        path,
        rows.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=repeating,
        column_encoding=counting,
        write_statistics=[name for name in rows.column_names if name not in SCATTERED],
        store_schema=False,  # or else columns that came as dictionaries would be read as such
    )
    with writer:
        writer.write_table(rows, row_group_size=ROW_GROUP)
        writer.add_key_value_metadata({SALT: secrets.token_hex(16)})


def _span(rows: pa.Table) -> tuple[int | None, int | None]:
    if "time" not in rows.column_names or not len(rows):
        return None, None
    low_high = pa.compute.min_max(rows["time"])
    low, high = low_high["min"], low_high["max"]
    return (low.value, high.value) if low.is_valid else (None, None)


def _sum(rows: pa.Table, column: str) -> int:
    if column not in rows.column_names:
        return 0
    return int(pa.compute.sum(rows[column]).as_py() or 0)
