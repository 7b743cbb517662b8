"""The bytes that a batch was made from, packed so that one line comes out without the others.

Plain zstd to any tool: skippable frames hold a salt and an index (`docs/evidence.md`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import zstandard

from haechi.model.errors import StoreError

Lengths = npt.NDArray[np.int64]

FRAME: Final = 1 << 20  # unpacked bytes of a frame, about
LEVEL: Final = 1
SALT_FRAME: Final = 0x184D2A50
INDEX_FRAME: Final = 0x184D2A5E
SALT: Final = 16
MOST: Final = 1 << 31  # bytes that a frame is ever unpacked to: what claims more was not written here


@dataclass(frozen=True)
class RawFile:
    """One such file, its index read. `lengths`: bytes of each unit; 0 where it was erased."""

    path: Path
    lengths: Lengths
    packed: Lengths  # bytes of each frame in the file
    counts: Lengths  # units in each frame

    @classmethod
    def open(cls, path: Path) -> RawFile:
        """Raises `StoreError` where the file is missing or damaged at its ends."""
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(size - 4, 0))
                length = int.from_bytes(file.read(4), "little")
                if length + 12 > size:
                    raise ValueError
                file.seek(size - length - 12)
                head, index = file.read(8), file.read(length)
        except (OSError, ValueError) as error:
            raise _damaged(path) from error
        if (
            int.from_bytes(head[:4], "little") != INDEX_FRAME
            or int.from_bytes(head[4:], "little") != length + 4
        ):
            raise _damaged(path)
        try:
            numbers = np.frombuffer(_unpack(index), "<u4").astype(np.int64)
            frames, units = (int(number) for number in numbers[:2])
            rest = numbers[2:]
            if len(rest) != 2 * frames + units:
                raise ValueError
        except (zstandard.ZstdError, ValueError) as error:
            raise _damaged(path) from error
        found = cls(path, rest[2 * frames :], rest[:frames], rest[frames : 2 * frames])
        if int(found.counts.sum()) != units or int(found.packed.sum()) + 8 + SALT + 12 + length != size:
            raise _damaged(path)
        return found

    def unit(self, index: int) -> bytes:
        """The bytes of one unit. Unpacks about a megabyte."""
        return self.units([index])[0]

    def units(self, indices: Sequence[int]) -> list[bytes]:
        """The bytes of some units, in the order asked for; each frame is unpacked once."""
        ends = np.cumsum(self.counts)
        wanted: dict[int, list[int]] = {}
        for index in indices:
            if not 0 <= index < len(self.lengths):
                raise IndexError(f"unit {index} is not in a batch of {len(self.lengths)}")
            wanted.setdefault(int(np.searchsorted(ends, index, "right")), []).append(index)
        found: dict[int, bytes] = {}
        for frame, those in wanted.items():
            first, data, offsets = self._stretch(frame)
            for index in those:
                found[index] = data[offsets[index - first] : offsets[index - first + 1]]
        return [found[index] for index in indices]

    def stretches(self) -> Iterator[tuple[int, bytes, Lengths]]:
        """The whole of it, a frame at a time: its first unit, its bytes, and where each unit begins and ends."""
        return (self._stretch(frame) for frame in range(len(self.packed)))

    def _stretch(self, frame: int) -> tuple[int, bytes, Lengths]:
        first = int(self.counts[:frame].sum())
        lengths = self.lengths[first : first + int(self.counts[frame])]
        try:
            with self.path.open("rb") as file:
                file.seek(8 + SALT + int(self.packed[:frame].sum()))
                data = _unpack(file.read(int(self.packed[frame])))
        except (OSError, zstandard.ZstdError, ValueError) as error:
            raise _damaged(self.path) from error
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        if int(offsets[-1]) != len(data):
            raise _damaged(self.path)
        return first, data, offsets


def content(data: bytes | memoryview, offsets: Lengths) -> bytes:
    """The file's bytes. `offsets`: where each unit begins in `data`, and where the last one ends."""
    view = memoryview(data)
    packer = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)
    cuts = _cuts(offsets)
    frames = [packer.compress(view[offsets[a] : offsets[b]]) for a, b in pairwise(cuts)]
    numbers = [
        np.array([len(frames), len(offsets) - 1]),
        np.array([len(frame) for frame in frames], np.int64),
        np.diff(np.array(cuts)),
        np.diff(offsets),
    ]
    index = packer.compress(np.concatenate(numbers).astype("<u4").tobytes())
    tail = index + len(index).to_bytes(4, "little")
    return b"".join(
        [_skippable(SALT_FRAME, secrets.token_bytes(SALT)), *frames, _skippable(INDEX_FRAME, tail)]
    )


def _cuts(offsets: Lengths) -> list[int]:
    """The units at which frames begin, and the end: each frame holds about `FRAME` bytes, and one unit at least."""
    cuts, last = [0], len(offsets) - 1
    while cuts[-1] < last:
        upto = int(np.searchsorted(offsets, offsets[cuts[-1]] + FRAME, "right")) - 1
        cuts.append(min(max(upto, cuts[-1] + 1), last))
    return cuts


def _skippable(magic: int, data: bytes) -> bytes:
    return magic.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data


def _unpack(packed: bytes) -> bytes:
    size = zstandard.frame_content_size(packed)
    if not 0 <= size < MOST:
        raise ValueError("not a frame of a sensible size")
    return zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)


def _damaged(path: Path) -> StoreError:
    return StoreError(
        "the raw lines of a batch cannot be read: the file is missing or damaged",
        where=str(path),
        kept="the records are untouched",
        todo="restore the file from a backup of the store",
    )
