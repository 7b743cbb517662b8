"""SHA-256 over many rows at once.

A Python loop over hashlib spends more time on its objects than on hashing, and holds the interpreter lock.
DataFusion's `sha256` works on Arrow columns, uses the processor's SHA instructions and lets others run.
`docs/decisions/0002-merkle-hashing.md` has the figures.
"""

from __future__ import annotations

import hashlib
import threading
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from datafusion import SessionConfig, SessionContext

Hashes = npt.NDArray[np.uint8]  # shape (n, 32)

DIGEST: Final = 32
_FEW: Final = 256  # rows: up to here a loop ends before a query has been planned
_SLICE: Final = 1 << 20  # rows in one Arrow array, far below what 32-bit offsets reach

_local = threading.local()  # a session is not shared: two threads would register the same table name


def sha256_rows(rows: pa.Array[Any] | pa.ChunkedArray[Any], prefix: bytes = b"") -> Hashes:
    """SHA-256 of `prefix || row` for each row, in order, as an (n, 32) array of bytes.

    `rows` is of a string (its UTF-8 bytes) or binary type. Raises `ValueError` for other types and for nulls,
    which have no hash.
    """
    if rows.null_count:
        raise ValueError("a null has no hash")
    if len(rows) == 0:
        return np.empty((0, DIGEST), np.uint8)
    expression = _prefixed(rows.type, prefix)
    if len(rows) <= _FEW:
        return _few(rows, prefix)
    chunks = rows.chunks if isinstance(rows, pa.ChunkedArray) else [rows]
    batches = [pa.record_batch([chunk], ["row"]) for chunk in chunks if len(chunk)]
    session = _session()
    session.register_record_batches(
        "rows", [batches]
    )  # one partition: rows come out in the order they went in
    try:
        out = session.sql(f"SELECT sha256({expression}) AS digest FROM rows").collect()
    finally:
        session.deregister_table("rows")
    return np.concatenate([_digests(batch.column(0)) for batch in out])


def _few(rows: pa.Array[Any] | pa.ChunkedArray[Any], prefix: bytes) -> Hashes:
    digests = (hashlib.sha256(prefix + row).digest() for row in rows.cast(pa.binary()).to_pylist())
    return np.frombuffer(bytearray().join(digests), np.uint8).reshape(-1, DIGEST)


def as_column(rows: Hashes) -> pa.ChunkedArray[Any]:
    """Rows of bytes, an (n, width) array, as a binary column over the same memory."""
    rows = np.ascontiguousarray(rows)
    parts = [_wrap(rows[start : start + _SLICE]) for start in range(0, len(rows), _SLICE)]
    return pa.chunked_array(parts, pa.binary())


def _wrap(rows: Hashes) -> pa.Array[Any]:
    count, width = rows.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), count, [None, pa.py_buffer(offsets.data), pa.py_buffer(rows.data)]
    )


def _session() -> SessionContext:
    session: SessionContext | None = getattr(_local, "session", None)
    if session is None:
        session = SessionContext(SessionConfig().with_target_partitions(1))
        _local.session = session
    return session


def _prefixed(kind: pa.DataType, prefix: bytes) -> str:
    """The SQL for `prefix || row`. The prefix has the column's kind: a cast would cost more than the hash."""
    is_binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    if not is_binary and not is_text:
        raise ValueError(f"cannot hash rows of type {kind}")
    if not prefix:
        return "row"
    return f"X'{prefix.hex()}' || row" if is_binary else f"'{prefix.decode('ascii')}' || row"


def _digests(column: pa.Array[Any]) -> Hashes:
    """The bytes of a column of digests, without a copy."""
    _, offsets, data = column.buffers()
    if column.null_count or offsets is None or data is None:
        raise ValueError("a hash is missing")
    bounds = np.frombuffer(memoryview(offsets), np.int32)[column.offset : column.offset + len(column) + 1]
    found: Hashes = np.frombuffer(memoryview(data), np.uint8)[bounds[0] : bounds[-1]]
    if len(found) != len(column) * DIGEST:
        raise ValueError("a hash is missing")
    return found.reshape(-1, DIGEST)
