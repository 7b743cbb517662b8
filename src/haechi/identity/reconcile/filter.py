"""A compact filter of credentials or member ids for a gateway: docs/filter.md is its format, byte by byte.

It never says of something that is in it that it is not. Of something that is not, it says so but for a known share.
"""

from __future__ import annotations

import hashlib
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from haechi.evidence import durable
from haechi.identity.reconcile.keys import WIDTH, Halves
from haechi.model.errors import InputError

Kind = Literal["credentials", "members"]

MAGIC: Final = b"haechi\x00\x01"
KINDS: Final[tuple[Kind, ...]] = ("credentials", "members")
_HEAD: Final = struct.Struct("<8sBBB5xQq")
_SUM: Final = 32
_PER_BUCKET: Final = 4  # entries, about


@dataclass(frozen=True)
class Written:
    """What a filter holds. `wrong`: the share of strangers that it takes for its own."""

    kind: Kind
    entries: int
    bytes: int
    wrong: float
    sha256: str


def write(path: Path, kind: Kind, keys: Halves, until: int, rest: int = 2) -> Written:
    """Write a filter of these keys (16 bytes each, as two numbers of eight bytes in the machine's reading of them).

    until: microseconds since 1970 UTC up to which its source was read
    rest:  bytes kept of each key beside its bucket's number, 1 to 4: each makes it 256 times as sure

    Raises:
        ValueError: `rest` is something else, or there are 2^32 keys or more.
        OSError: the file cannot be written.
    """
    if not 1 <= rest <= 4 or len(keys) >= 1 << 32:
        raise ValueError("a filter holds fewer than 2^32 keys, and 1 to 4 bytes of each beside the bucket")
    first = np.unique(np.ascontiguousarray(keys[:, 0]).astype("<u8").view(">u8").astype(np.uint64))
    bits = max(0, (len(first) // _PER_BUCKET).bit_length() - 1)
    kept = np.unique(first >> np.uint64(64 - bits - 8 * rest))
    bucket = (kept >> np.uint64(8 * rest)).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(np.bincount(bucket, minlength=1 << bits)))).astype("<u4")
    remainders = kept.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - rest :]
    head = _HEAD.pack(MAGIC, KINDS.index(kind), bits, rest, len(kept), until)
    body = b"".join((head, starts.tobytes(), np.ascontiguousarray(remainders).tobytes()))
    checksum = hashlib.sha256(body)
    durable.replace(path, body + checksum.digest())
    wrong = len(kept) / 2 ** (bits + 8 * rest)
    return Written(kind, len(kept), len(body) + _SUM, wrong, checksum.hexdigest())


class Filter:
    """A filter's file, open for look-ups. It is mapped: many processes share one copy in memory."""

    def __init__(self, path: Path) -> None:
        """Raises `InputError` where it is no filter, or damaged."""
        try:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # an empty file cannot be mapped
            raise InputError("the filter cannot be read", where=str(path)) from error
        if len(self._data) < _HEAD.size + _SUM:
            raise InputError("this is no filter", where=str(path))
        magic, kind, self._bits, self._rest, self.entries, self.until = _HEAD.unpack_from(self._data)
        self._from = _HEAD.size + 4 * ((1 << min(self._bits, 40)) + 1)
        size = self._from + self._rest * self.entries + _SUM
        if magic != MAGIC or kind >= len(KINDS) or not 1 <= self._rest <= 4 or size != len(self._data):
            raise InputError("this is no filter, or not all of it", where=str(path))
        with memoryview(self._data) as view:
            if hashlib.sha256(view[:-_SUM]).digest() != view[-_SUM:]:
                raise InputError("the filter is damaged", where=str(path), todo="export it again")
        self.kind: Kind = KINDS[kind]

    def may_hold(self, presented: bytes) -> bool:
        """Whether a token, or a member's id in UTF-8, may be in it; False is certain."""
        return hashlib.sha256(presented).digest()[:WIDTH] in self

    def __contains__(self, key: bytes) -> bool:
        """`may_hold` for who has the first 16 bytes of the SHA-256 already."""
        number = int.from_bytes(key[:8], "big") >> (64 - self._bits - 8 * self._rest)
        bucket, remainder = number >> 8 * self._rest, number & ((1 << 8 * self._rest) - 1)
        begin, end = struct.unpack_from("<2I", self._data, _HEAD.size + 4 * bucket)
        sought = remainder.to_bytes(self._rest, "big")
        return any(
            self._data[at : at + self._rest] == sought
            for at in range(self._from + begin * self._rest, self._from + end * self._rest, self._rest)
        )
