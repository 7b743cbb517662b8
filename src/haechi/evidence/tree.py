"""Reading the log at one checkpoint. What comes out has been checked against the checkpoint's root.

The right edge is checked when the tree is loaded. A full tile must hash to the value that its parent tile
holds for it, an entry bundle to the leaf hashes of its level-0 tile; parents are checked in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.edge import Edge
from haechi.evidence.merkle import (
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    tree_root,
)
from haechi.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    edge_tiles,
    levels,
    unpack_entries,
    unpack_hashes,
)
from haechi.model.errors import StoreError

_CACHED_TILES = 64  # 8 KiB each


class Tree:
    """The log below `root` as it stood at `checkpoint`. Not shared between threads."""

    def __init__(self, root: Path, checkpoint: Checkpoint, edge: Edge) -> None:
        """Trusts `edge`: use `load` for what stands on the disk."""
        self.checkpoint, self.edge = checkpoint, edge
        self._root = root
        self._full: Callable[[int, int], list[bytes]] = lru_cache(_CACHED_TILES)(self._read_full)

    @classmethod
    def load(cls, root: Path, checkpoint: Checkpoint) -> Tree:
        """Read the right edge and check it. Raises `StoreError` that names the altered or missing tile."""
        size = checkpoint.size
        partial: list[tuple[bytes, ...]] = [()] * levels(size)
        for tile in edge_tiles(size):
            partial[tile.level] = tuple(_read(root, tile))
        edge = Edge(size, tuple(partial))
        if edge.root() != checkpoint.root:
            raise _edge_altered(root, edge)
        tree = cls(root, checkpoint, edge)
        last = tree.bundle(size // WIDTH) if size % WIDTH else []
        return cls(root, checkpoint, Edge(size, edge.levels, tuple(last)))

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries from `start` up to `end`. Raises `StoreError` at the first that was altered."""
        for index in range(start // WIDTH, -(-end // WIDTH)):
            first = index * WIDTH
            yield from self.bundle(index)[max(start - first, 0) : end - first]

    def bundle(self, index: int) -> list[bytes]:
        """The entries of one bundle, checked against their leaf hashes."""
        hashes = self.hashes(0, index)
        tile = Tile(ENTRIES, index, len(hashes))
        entries = _read(self._root, tile)
        if [leaf_hash(entry) for entry in entries] != hashes:
            raise altered(tile)
        return entries

    def hashes(self, level: int, index: int) -> list[bytes]:
        """The hashes of one tile at this checkpoint, full or partial."""
        if index == self.checkpoint.size >> HEIGHT * (level + 1):
            return list(self.edge.levels[level])
        return self._full(level, index)

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of an entry. Reads a tile or two a level."""
        return [self._node(first, end) for first, end in inclusion_ranges(index, self.checkpoint.size)]

    def consistency(self, size: int) -> list[bytes]:
        """The proof that the first `size` entries are what a checkpoint of that size covered."""
        return [self._node(first, end) for first, end in consistency_ranges(size, self.checkpoint.size)]

    def _node(self, first: int, end: int) -> bytes:
        """The hash over the leaves [first, end), where `first` is a multiple of the next power of two."""
        count = end - first
        height = count.bit_length() - 1
        whole = 1 << height
        if whole < count:
            return node_hash(self._node(first, first + whole), self._node(first + whole, end))
        level, within = divmod(height, HEIGHT)
        index, slot = divmod(first >> HEIGHT * level, WIDTH)
        return tree_root(self.hashes(level, index)[slot : slot + (1 << within)])

    def _read_full(self, level: int, index: int) -> list[bytes]:
        tile = Tile(level, index)
        hashes = _read(self._root, tile)
        parent = self.hashes(level + 1, index // WIDTH)
        if tree_root(hashes) != parent[index % WIDTH]:
            raise altered(tile)
        return hashes


def _read(root: Path, tile: Tile) -> list[bytes]:
    """What a tile holds. A partial one may have grown up: it is then the beginning of the full one."""
    for found in dict.fromkeys((tile, Tile(tile.level, tile.index))):
        data = content(root / found.path)
        if data is not None:
            try:
                items = unpack_entries(data) if tile.level == ENTRIES else unpack_hashes(data)
            except ValueError:
                raise altered(found) from None
            if len(items) != found.width:
                raise altered(found)
            return items[: tile.width]
    raise StoreError(
        f"a tile of the evidence log is missing: {tile.path}",
        where=str(root),
        todo="restore the file from a copy of the log; the checkpoint says that it existed",
    )


def content(path: Path) -> bytes | None:
    """The bytes of a tile's file, None where there is none. Raises `StoreError` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"a tile of the evidence log cannot be read: {error.strerror}",
            where=str(path),
            todo="make the file readable, or restore it from a copy of the log",
        ) from error


def altered(tile: Tile) -> StoreError:
    """The error for a tile or bundle that does not hash to what stands over it."""
    return StoreError(
        f"a tile of the evidence log was altered: {tile.path}",
        kept="nothing was changed; all entries that other tiles hold can still be checked",
        todo="restore the file from a copy of the log, and find out who changed it",
    )


def _edge_altered(root: Path, edge: Edge) -> StoreError:
    """Name the pair that disagrees: a hash of an edge tile stands over a tile, or entry, a level below."""
    for tile in edge_tiles(edge.size):
        below = _below(root, tile)
        if below != list(edge.levels[tile.level]):
            return StoreError(
                f"a tile of the evidence log was altered: {tile.path} and what it stands over disagree",
                where=str(root),
                todo="restore the file from a copy of the log, and find out who changed it",
            )
    return StoreError(
        "the checkpoint was altered, or belongs to other tiles: the tiles give another root",
        where=str(root / "checkpoint"),
        todo="restore the checkpoint from a copy of the log or from a witness",
    )


def _below(root: Path, tile: Tile) -> list[bytes]:
    """The hashes that a tile should hold, made from the level below it."""
    if tile.level == 0:
        return [leaf_hash(entry) for entry in _read(root, Tile(ENTRIES, tile.index, tile.width))]
    first = tile.index * WIDTH
    return [tree_root(_read(root, Tile(tile.level - 1, first + i))) for i in range(tile.width)]
