"""Places of records (`source, seq`) in few bytes. They tell where a record stands, and nothing of anybody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from haechi.model.errors import AskError

MOST: Final = 1_000_000  # of one question
SCHEMA: Final = pa.schema([("source", pa.string()), ("seq", pa.int64())])


def pack(table: pa.Table) -> bytes:
    """A table `source, seq` as bytes: the same ones for the same places, in whatever order.

    Raises `AskError` for more than `MOST` of them.
    """
    if table.num_rows > MOST:
        raise AskError(
            f"more than {MOST:,} accesses are in question at once: nobody can give a reason for each",
            kept="nothing was sent",
            todo="ask about a smaller case, or declare a [[purpose]] where the account does that by its nature",
        )
    parts = {}
    for source in sorted(pc.unique(table["source"]).to_pylist()):
        seqs = table.filter(pc.equal(table["source"], source))["seq"].to_numpy()
        # Differences of neighbours: mostly small, so that little is left when they are compressed. None is 0: seqs
        # begin at 1, and the same one twice is one.
        deltas = np.diff(np.sort(seqs), prepend=0)
        parts[source] = deltas[deltas > 0].astype("<i8").tobytes()
    return zstandard.compress(msgspec.msgpack.encode(sorted(parts.items())))


def unpack(packed: Iterable[bytes]) -> pa.Table:
    """The places of one or several questions, as a table `source, seq`."""
    tables = [SCHEMA.empty_table()]
    for data in packed:
        for source, seqs in _by_source(data).items():
            names = pa.array([source] * len(seqs), pa.string())
            tables.append(pa.table({"source": names, "seq": pa.array(seqs, pa.int64())}))
    return pa.concat_tables(tables)


def fingerprint(packed: bytes) -> str:
    """SHA-256 of the places, however they are compressed."""
    return hashlib.sha256(zstandard.decompress(packed)).hexdigest()


def overlap(one: bytes, other: bytes) -> bool:
    """Whether two questions are about an access in common."""
    if one == other:
        return True
    theirs = _by_source(other)
    return any(
        source in theirs and np.intersect1d(seqs, theirs[source], assume_unique=True).size
        for source, seqs in _by_source(one).items()
    )


def _by_source(packed: bytes) -> dict[str, npt.NDArray[np.int64]]:
    parts = msgspec.msgpack.decode(zstandard.decompress(packed), type=list[tuple[str, bytes]])
    return {source: np.cumsum(np.frombuffer(deltas, "<i8")) for source, deltas in parts}
