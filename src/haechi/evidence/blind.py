"""Blinded leaves: hashes that tell nothing to somebody who guesses what was hashed.

A person-period key belongs to one person and one month. The blind of a leaf is made from it, so that destroying the
key makes the person's hashes meaningless, while the tree over them stays valid. `docs/evidence.md` has the formulas.

Keys are not stored one a person: 4,096 random bucket keys give them all. Only after a key was destroyed does the
file hold explicit keys, for the others of that person's bucket.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from haechi.evidence.hashing import DIGEST, Hashes, as_column, sha256_rows
from haechi.evidence.merkle import LEAF_PREFIX
from haechi.model.errors import StoreError

MAGIC: Final = b"haechi-keys-1\n"
BUCKETS: Final = 4096
LEAF_BYTES: Final = 3 * DIGEST
_EXPLICIT: Final = 2 * DIGEST


@dataclass(frozen=True)
class PeriodKeys:
    """The person-period keys of one month. `data` is the file as `docs/evidence.md` defines it."""

    data: bytes

    @classmethod
    def make(cls) -> PeriodKeys:
        """New random keys."""
        return cls(MAGIC + secrets.token_bytes(BUCKETS * DIGEST))

    @classmethod
    def read(cls, data: bytes) -> PeriodKeys:
        """The keys in a file's bytes. Raises `StoreError` where they are not such a file."""
        rest = len(data) - len(MAGIC) - BUCKETS * DIGEST
        if not data.startswith(MAGIC) or rest < 0 or rest % _EXPLICIT:
            raise StoreError(
                "a file of person-period keys is damaged",
                kept="the records are untouched, but their proofs cannot be made without these keys",
                todo="restore the file from a backup of the store",
            )
        return cls(data)

    @property
    def sha256(self) -> str:
        """Of the file, hex: what the evidence log says of it."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def _buckets(self) -> Hashes:
        return np.frombuffer(self.data, np.uint8, BUCKETS * DIGEST, len(MAGIC)).reshape(BUCKETS, DIGEST)

    @cached_property
    def _explicit(self) -> tuple[pa.Array[Any], Hashes] | None:
        """The hashes of persons with explicit keys, and those keys."""
        start = len(MAGIC) + BUCKETS * DIGEST
        if start == len(self.data):
            return None
        pairs = np.frombuffer(self.data, np.uint8, offset=start).reshape(-1, _EXPLICIT)
        return as_column(pairs[:, :DIGEST]).combine_chunks(), pairs[:, DIGEST:]

    def person_keys(self, persons: Hashes) -> Hashes:
        """The keys of persons, given by the SHA-256 of their ids: both of shape (n, 32)."""
        keys = sha256_rows(as_column(np.hstack([self._buckets[buckets(persons)], persons])))
        if self._explicit is None:
            return keys
        known, values = self._explicit
        found = pc.index_in(as_column(persons), value_set=known)
        hit = found.is_valid().to_numpy(zero_copy_only=False)
        if not hit.any():
            return keys
        mended = keys.copy()
        mended[hit] = values[found.filter(found.is_valid()).to_numpy(zero_copy_only=False)]
        return mended

    def destroy(self, person: bytes, others: Hashes) -> PeriodKeys:
        """The keys without that of one person, given by its SHA-256.

        `others`: the hashes of all persons who stand in records of this period; those of the same bucket keep their
        keys as explicit ones. Whoever comes later gets a key from the bucket's new random one.
        """
        mine = int(buckets(np.frombuffer(person, np.uint8).reshape(1, DIGEST))[0])
        neighbours = others[buckets(others) == mine]
        kept = _pairs(neighbours, self.person_keys(neighbours))
        if self._explicit is not None:
            known, values = self._explicit
            kept |= _pairs(np.frombuffer(b"".join(known.to_pylist()), np.uint8).reshape(-1, DIGEST), values)
        kept.pop(person, None)
        fresh = bytearray(self.data[: len(MAGIC) + BUCKETS * DIGEST])
        at = len(MAGIC) + mine * DIGEST
        fresh[at : at + DIGEST] = secrets.token_bytes(DIGEST)
        return PeriodKeys(bytes(fresh) + b"".join(name + kept[name] for name in sorted(kept)))


def person_hashes(persons: pa.Array[Any] | pa.ChunkedArray[Any]) -> Hashes:
    """SHA-256 of persons' ids; nobody (null) counts as ""."""
    return sha256_rows(pc.fill_null(persons, ""))


def buckets(persons: Hashes) -> npt.NDArray[np.int64]:
    """The first 12 bits of each hash."""
    return (persons[:, 0].astype(np.int64) << 4) | (persons[:, 1] >> 4)


def blinds(person_keys: Hashes, batch_key: bytes | Hashes, seqs: npt.NDArray[np.int64]) -> Hashes:
    """One blind a unit: SHA-256 of the batch key, the person-period key and the unit's seq.

    `batch_key`: of one batch, or for units of several batches one a unit, (n, 32).
    """
    count = len(seqs)
    rows = np.empty((count, 2 * DIGEST + 8), np.uint8)
    rows[:, :DIGEST] = np.frombuffer(batch_key, np.uint8) if isinstance(batch_key, bytes) else batch_key
    rows[:, DIGEST : 2 * DIGEST] = person_keys
    rows[:, 2 * DIGEST :] = seqs.astype(">i8").view(np.uint8).reshape(count, 8)
    return sha256_rows(as_column(rows))


def leaf_bytes(blind: Hashes, raw: Hashes, record: Hashes) -> Hashes:
    """The leaves themselves, (n, 96): blind, hash of the raw bytes, hash of the record."""
    return np.hstack([blind, raw, record])


def leaf_hashes(leaves: Hashes) -> Hashes:
    """The RFC 6962 hashes of leaves of shape (n, 96)."""
    rows = np.empty((len(leaves), 1 + LEAF_BYTES), np.uint8)
    rows[:, 0] = LEAF_PREFIX[0]
    rows[:, 1:] = leaves
    return sha256_rows(as_column(rows))


def _pairs(persons: Hashes, keys: Hashes) -> dict[bytes, bytes]:
    return {name.tobytes(): key.tobytes() for name, key in zip(persons, keys, strict=True)}
