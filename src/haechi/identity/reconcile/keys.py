"""Credentials as numbers: 16 bytes of a SHA-256 as two of 64 bits, sorted as fast as numpy sorts single numbers.

A SHA-256 is evenly spread, so its first bits say in which bucket a credential is and nearly where in it. Numbers are
sorted together with their places: the highest bits of the first half, and below them the place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Halves = npt.NDArray[np.uint64]  # (n, 2): the first and the last eight bytes of each credential
Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

WIDTH: Final = 16  # bytes of a credential
BUCKET_BITS: Final = 9
BUCKETS: Final = 1 << BUCKET_BITS
# Where each bucket begins, the first one left out.
_EDGES = np.arange(1, BUCKETS, dtype=np.uint64) << np.uint64(64 - BUCKET_BITS)


def halves_of(column: pa.Array) -> tuple[Halves, Places, list[tuple[int, bytes]]]:
    """The credentials of a binary column of one chunk, and where each stands in it.

    NULLs are left out. The last: place and value of those that are not 16 bytes long, which no collected one is.
    """
    places: Places = np.arange(len(column), dtype=np.int64)
    if column.null_count:
        places = np.flatnonzero(np.asarray(column.is_valid()))
        column = column.drop_null()
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    if len(column) == 0:
        return np.empty((0, 2), np.uint64), places, []
    odd: list[tuple[int, bytes]] = []
    fits = np.diff(offsets) == WIDTH
    if not fits.all():
        odd = [(int(places[i]), column[int(i)].as_py()) for i in np.flatnonzero(~fits)]
        column = column.filter(pa.array(fits))
        places = places[fits]
        offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset :]
    if len(column) == 0:
        return np.empty((0, 2), np.uint64), places, odd
    # Big-endian is how bytes are ordered, but any fixed reading of even bits will do, and this one costs nothing.
    data = np.frombuffer(column.buffers()[2], dtype="<u8", count=2 * len(column), offset=int(offsets[0]))
    return data.reshape(-1, 2), places, odd


def order_of(first: Numbers, bits: int = 0) -> Places:
    """The order that sorts these numbers, but for their lowest bits. `bits`: highest ones that all have in common.

    As many of the bits below those count as the places leave room for.
    """
    room = np.uint64(max(1, int(len(first) - 1).bit_length()))
    keys = first << np.uint64(bits)
    keys >>= room
    keys <<= room
    keys |= np.arange(len(first), dtype=np.uint64)
    keys.sort()
    keys &= (np.uint64(1) << room) - np.uint64(1)
    return keys.view(np.int64)


def edges(first: Numbers) -> Places:
    """Where in numbers that are sorted at least by bucket each of the `BUCKETS` begins; the last one's end too."""
    inner = np.searchsorted(first, _EDGES)
    return np.concatenate(([0], inner, [len(first)])).astype(np.int64)
