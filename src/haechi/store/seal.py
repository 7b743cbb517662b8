"""Seal a batch: one blinded leaf a unit, in the order of the source (`docs/evidence.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from haechi.evidence import blind
from haechi.evidence.blind import PeriodKeys
from haechi.evidence.hashing import DIGEST, Hashes, sha256_rows

_SLICE: Final = 1 << 20  # units at a time: the rows of what is hashed are wider than a hash
# Whose row it is, for the tables whose rows are somebody's. Set-aside units are nobody's.
_PERSON: Final = {
    "access": ("subject", "actor"),
    "issuance": ("actor",),
    "subject": ("subject",),
    "person": ("person",),
    "reason": ("subject", "actor"),
    "fact": ("person", "account"),
    "aside": (),
}


@dataclass(frozen=True)
class Texts:
    """Records to seal: which units of the batch they are, whose, and their canonical texts; in order."""

    units: npt.NDArray[np.int64]  # from 0
    persons: pa.Array[Any] | pa.ChunkedArray[Any]
    texts: pa.Array[Any] | pa.ChunkedArray[Any]


def person_column(table: str) -> str:
    """The SQL expression for the person of a row of this table, never NULL."""
    return f"coalesce({', '.join([*_PERSON[table], chr(39) * 2])})"


def persons_of(table: str, rows: pa.Table) -> pa.ChunkedArray[Any]:
    """The persons of rows of this table, as `person_column` gives them."""
    names = _PERSON[table]
    if not names:
        return pa.chunked_array([pa.repeat(pa.scalar("", pa.string()), len(rows))], pa.string())
    return pc.coalesce(*(rows[name] for name in names), pa.scalar("", pa.string()))


def raw_hashes(data: bytes | memoryview, offsets: npt.NDArray[np.int64]) -> Hashes:
    """SHA-256 of each unit's bytes; `offsets` as in a framed block."""
    column = pa.Array.from_buffers(
        pa.binary(),
        len(offsets) - 1,
        [None, pa.py_buffer(offsets.astype(np.int32).data), pa.py_buffer(data)],
    )
    return sha256_rows(column)


def leaves_of(
    keys: PeriodKeys,
    batch_key: bytes,
    seqs: npt.NDArray[np.int64],
    persons: Hashes,
    raw: Hashes,
    record: Hashes,
) -> Hashes:
    """The leaves (n, 96) of units, given the hashes of their persons, raw bytes and records."""
    blinds = blind.blinds(keys.person_keys(persons), batch_key, seqs)
    return blind.leaf_bytes(blinds, raw, record)


def seal(
    keys: PeriodKeys, batch_key: bytes, seq_from: int, raw: Hashes, records: Texts, asides: Texts
) -> Hashes:
    """The leaf hashes (n, 32) of a batch's n units, given the hashes of their raw bytes.

    Every unit is among `records` or `asides`, never in both. Raises `ValueError` where the units do not add up.
    """
    count = len(raw)
    if len(records.units) + len(asides.units) != count:
        raise ValueError("units are missing or doubled")
    persons, hashes = np.empty((count, DIGEST), np.uint8), np.empty((count, DIGEST), np.uint8)
    for part in (records, asides):
        if len(part.units):
            persons[part.units] = blind.person_hashes(part.persons)
            hashes[part.units] = sha256_rows(part.texts)
    sealed = np.empty((count, DIGEST), np.uint8)
    for start in range(0, count, _SLICE):
        cut = slice(start, min(start + _SLICE, count))
        seqs = np.arange(seq_from + cut.start, seq_from + cut.stop, dtype=np.int64)
        leaves = leaves_of(keys, batch_key, seqs, persons[cut], raw[cut], hashes[cut])
        sealed[cut] = blind.leaf_hashes(leaves)
    return sealed
