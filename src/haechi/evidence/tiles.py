"""Tiles and entry bundles of a C2SP tlog-tiles log: their names, and what stands in them.

A hash tile holds up to 256 hashes of one height: level 0 the leaf hashes, level 1 the roots of full level-0
tiles, and so on. An entry bundle holds the leaves themselves, each behind its length. A tile that is not full
carries its width in its name, so no published file ever changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from haechi.evidence.hashing import DIGEST

WIDTH: Final = 256
HEIGHT: Final = 8  # WIDTH = 2 ** HEIGHT
ENTRIES: Final = -1  # the "level" of entry bundles
MAX_ENTRY: Final = 0xFFFF  # bytes: a length is a big-endian uint16

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-5]?[0-9]|6[0-3])/(?P<index>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, order=True)
class Tile:
    """The name of a tile (level 0 to 63) or entry bundle (level `ENTRIES`) of `width` items, 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def path(self) -> str:
        """Relative to the log's root, as in a URL: `tile/0/x001/x234/067.p/12`."""
        groups = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """The tile of that path; None for a path that no tile has."""
        found = _PATH.fullmatch(path)
        if found is None or int(found["width"] or 1) >= WIDTH:
            return None
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        tile = cls(level, int(found["index"].replace("/", "").replace("x", "")), int(found["width"] or WIDTH))
        return tile if tile.path == path else None  # groups of zeroes in front

    def covered(self, size: int) -> bool:
        """Whether a log of that size has, or once had, this tile."""
        return self.index * WIDTH + self.width <= size >> HEIGHT * max(self.level, 0)


def edge_tiles(size: int) -> Iterator[Tile]:
    """The partial hash tiles of a log of that size, from level 0 upwards; levels without one are left out."""
    for level in range(levels(size)):
        count = size >> HEIGHT * level
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)


def levels(size: int) -> int:
    """How many tile levels a log of that size has: 0 when empty, 1 up to 255 leaves, 2 from 256."""
    return -(-size.bit_length() // HEIGHT)


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle. Each entry is at most `MAX_ENTRY` bytes, else `OverflowError`."""
    return b"".join(part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry))


def unpack_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `ValueError` where a length and what follows do not agree."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > len(bundle) or start > len(bundle):
            raise ValueError("an entry is cut short")
        entries.append(bundle[start:at])
    return entries


def pack_hashes(hashes: Sequence[bytes]) -> bytes:
    return b"".join(hashes)


def unpack_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile. Raises `ValueError` where it is not whole hashes."""
    if len(tile) % DIGEST:
        raise ValueError("a hash is cut short")
    return [tile[at : at + DIGEST] for at in range(0, len(tile), DIGEST)]
