"""Make a batch's files: records to Parquet, raw bytes to zstd, a Merkle root over the records.

This is the heavy part and touches nothing that is shared: several threads prepare batches at once, each with its
own DuckDB connection, and the writer then commits them in order.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from haechi.evidence import merkle
from haechi.model.tables import ASIDE
from haechi.store import canonical, layout

ROW_GROUP = 122_880
RAW_LEVEL = 1  # of zstd
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
    raw_sha256: str
    root: str
    aside_root: str
    files: tuple[tuple[Path, Path], ...]  # (where it waits, where it belongs)


def prepare(
    root: Path,
    number: int,
    rows: pa.Table,
    texts: pa.ChunkedArray,
    aside: pa.Table,
    raw: bytes | memoryview,
    connection: duckdb.DuckDBPyConnection,
) -> Prepared:
    """Write the files of one batch to `tmp/`, synced to disk.

    `rows` is in (source, seq) order; `texts` are the same rows in canonical form; `raw` is what they were read from.
    """
    waiting = {path: layout.tmp_folder(root) / path.name for path in layout.batch_files(root, number)}
    records_path, aside_path, raw_path = waiting
    tree = merkle.tree_root(merkle.leaf_hashes(texts))
    _write_records(rows, waiting[records_path])
    used = [records_path, raw_path]
    aside_root = merkle.EMPTY_ROOT
    if len(aside):
        aside_root = _write_aside(connection, aside, waiting[aside_path])
        used.append(aside_path)
    packed = zstandard.ZstdCompressor(level=RAW_LEVEL, write_content_size=True).compress(raw)
    waiting[raw_path].write_bytes(packed)
    for path in used:
        sync_file(waiting[path])
    first, last = _span(rows)
    return Prepared(
        number=number,
        rows=len(rows),
        set_aside=len(aside),
        first=first,
        last=last,
        bytes_sent=_sum(rows, "bytes"),
        raw_bytes=len(raw),
        raw_sha256=hashlib.sha256(raw).hexdigest(),
        root=tree.hex(),
        aside_root=aside_root.hex(),
        files=tuple((waiting[path], path) for path in used),
    )


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_records(rows: pa.Table, path: Path) -> None:
    # A dictionary only where values repeat: building one for each address or credential costs more than it saves.
    repeating = [name for name in rows.column_names if name in REPEATING]
    pq.write_table(
        rows,
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=ROW_GROUP,
        use_dictionary=repeating,
    )


def _write_aside(connection: duckdb.DuckDBPyConnection, aside: pa.Table, path: Path) -> bytes:
    pq.write_table(aside.cast(ASIDE), path, compression="zstd")
    connection.register("aside_to_hash", aside)
    texts = canonical.texts(
        connection.sql(canonical.with_canonical("aside", "aside_to_hash")).to_arrow_table(), aside
    )
    connection.unregister("aside_to_hash")
    return merkle.tree_root(merkle.leaf_hashes(texts))


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
