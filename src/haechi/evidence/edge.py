"""The right edge of the log: all that is needed to append to it and to know its root.

At most 255 hashes a level and 255 entries, whatever the log's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haechi.evidence.merkle import EMPTY_ROOT, leaf_hash, tree_root
from haechi.evidence.tiles import ENTRIES, WIDTH, Tile, pack_entries, pack_hashes


@dataclass(frozen=True)
class Edge:
    """What the partial tiles hold: `levels[l]` the last tile of level l, `entries` the last bundle."""

    size: int = 0
    levels: tuple[tuple[bytes, ...], ...] = ()
    entries: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The root of the whole tree: at each level whole subtrees, and behind them the rest of the tree."""
        rest: list[bytes] = []
        for hashes in self.levels:
            if hashes or rest:
                rest = [tree_root([*hashes, *rest])]
        return rest[0] if rest else EMPTY_ROOT

    def extended(self, entries: Sequence[bytes]) -> tuple[Edge, dict[Tile, bytes]]:
        """The edge after more entries, and the tiles that must be written for it, the top ones last."""
        first = self.size // WIDTH
        tiles: dict[Tile, bytes] = {}
        bundle = [*self.entries, *entries]
        for tile, part in _cut(ENTRIES, first, bundle):
            tiles[tile] = pack_entries(part)
        levels: list[tuple[bytes, ...]] = []
        added = [leaf_hash(entry) for entry in entries]
        level = 0
        while added or level < len(self.levels):
            before = self.levels[level] if level < len(self.levels) else ()
            hashes = [*before, *added]
            whole = len(hashes) // WIDTH * WIDTH
            if added:
                for tile, part in _cut(level, first, hashes):
                    tiles[tile] = pack_hashes(part)
            added = [tree_root(hashes[at : at + WIDTH]) for at in range(0, whole, WIDTH)]
            levels.append(tuple(hashes[whole:]))
            level, first = level + 1, first // WIDTH
        kept = bundle[len(bundle) // WIDTH * WIDTH :]
        return Edge(self.size + len(entries), tuple(levels), tuple(kept)), tiles


def _cut(level: int, first: int, items: Sequence[bytes]) -> list[tuple[Tile, Sequence[bytes]]]:
    """The items of one level as tiles, the first of which has the index `first`."""
    parts = [items[at : at + WIDTH] for at in range(0, len(items), WIDTH)]
    return [(Tile(level, first + number, len(part)), part) for number, part in enumerate(parts)]
