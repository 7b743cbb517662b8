"""The evidence log itself: does every tile and entry on the disk stand under the checkpoint?

`evidence.log` stops at the first thing that is wrong, since nobody should work on. Here all of them are told.
The leaf hashes that give the checkpoint's root are found first, from the entries or from the tiles, whichever
were left alone; what every other file of the log must hold then follows from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Final

from haechi.evidence import bounded, durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import EMPTY_ROOT, leaf_hash, node_hash, tree_root
from haechi.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_ENTRY,
    WIDTH,
    Tile,
    levels,
    unpack_entries,
    unpack_hashes,
)
from haechi.proof.verdict import State, Verdict, amount

_TRIES: Final = 6  # places where entries and tiles disagree: all ways to choose are tried up to this many
_NAMED: Final = 1_000  # missing tiles that are named one by one
_LARGEST: Final = WIDTH * (2 + MAX_ENTRY)  # bytes: a full bundle of the longest entries

Items = list[bytes]
Files = Mapping[Tile, Items | None]  # None: not readable as such a tile


@dataclass
class LogRead:
    """The log at one checkpoint.

    entries: by their index; None for one that is lost
    hashes:  their leaf hashes under the checkpoint; None where the files do not give its root
    """

    checkpoint: Checkpoint
    entries: list[bytes | None] = field(default_factory=list)
    hashes: list[bytes] | None = None
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether every entry that the checkpoint covers was found."""
        return self.hashes is not None and None not in self.entries


def read_log(root: Path, checkpoint: Checkpoint, seen: Collection[str] = ()) -> LogRead:
    """Read the whole log below `root` and compare all of it with the checkpoint. Never raises for what it finds.

    `seen`: names of files that were there before the checkpoint was read. Tiles that came later are of heads after it.
    """
    found = LogRead(checkpoint)
    files = _read_files(root, found.verdicts)
    size = checkpoint.size
    if size > WIDTH * (4 * len(files) + _NAMED):
        found.verdicts.append(
            _log("missing", f"the checkpoint speaks of {size:,} entries, far more than are there")
        )
        return found
    _look_again(root, size, files)
    bundles, tiles = _level(files, ENTRIES, size), _level(files, 0, size)
    found.hashes = _hashes_under(checkpoint, bundles, tiles, _level(files, 1, size >> HEIGHT))
    if found.hashes is None:
        found.entries = [entry for bundle in bundles for entry in bundle or []]
        found.verdicts += _without_root(files, size, bundles, tiles)
    else:
        found.entries = list(_entries_under(found.hashes, bundles))
        found.verdicts += _against(files, found.hashes)
    found.verdicts += _left_over(files, seen, found)
    return found


def roots_at(hashes: Sequence[bytes], sizes: Sequence[int]) -> dict[int, bytes]:
    """The roots that the log had at these sizes, in one pass. Sizes beyond the log are left out."""
    found: dict[int, bytes] = {}
    peaks: list[tuple[int, bytes]] = []  # (leaves, root) of perfect subtrees, the largest first
    done = 0
    for size in sorted({size for size in sizes if 0 <= size <= len(hashes)}):
        for leaf in islice(hashes, done, size):
            count, node = 1, leaf
            while peaks and peaks[-1][0] == count:
                count, node = 2 * count, node_hash(peaks.pop()[1], node)
            peaks.append((count, node))
        done = size
        found[size] = _folded([root for _, root in peaks])
    return found


def _folded(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for left in reversed(peaks[:-1]):
        root = node_hash(left, root)
    return root


def _read_files(root: Path, verdicts: list[Verdict]) -> dict[Tile, Items | None]:
    """Every tile on the disk. What is none, or cannot be read, is told."""
    files: dict[Tile, Items | None] = {}
    for path in sorted((root / "tile").rglob("*")):
        if path.is_dir() and Tile.parse(path.relative_to(root).as_posix()) is None:
            continue
        name = path.relative_to(root).as_posix()
        tile = Tile.parse(name)
        if name.endswith(durable.TEMPORARY):
            verdicts.append(_log("note", "a file of an interrupted run; the next one removes it", name))
        elif tile is None:
            verdicts.append(_log("strange", "nobody knows this file: it is no tile of the log", name))
        else:
            _read_tile(path, tile, files, verdicts)
    return files


def _read_tile(path: Path, tile: Tile, files: dict[Tile, Items | None], verdicts: list[Verdict]) -> None:
    """Read one tile; one that is gone meanwhile was outgrown."""
    try:
        files[tile] = _unpacked(tile, bounded.read(path, _LARGEST))
    except FileNotFoundError:
        return
    except OSError as error:
        verdicts.append(_log("missing", f"a tile of the log cannot be read: {error.strerror}", tile.path))
        files[tile] = None


def _look_again(root: Path, size: int, files: dict[Tile, Items | None]) -> None:
    """Read full tiles in whose favour partial ones went while the folder was listed."""
    for level in (ENTRIES, *range(levels(size))):
        for tile in _needed(level, size >> HEIGHT * max(level, 0)):
            full = Tile(level, tile.index)
            if tile not in files and full not in files:
                _read_tile(root / full.path, full, files, [])


def _unpacked(tile: Tile, data: bytes) -> Items | None:
    try:
        items = unpack_entries(data) if tile.level == ENTRIES else unpack_hashes(data)
    except ValueError:
        return None
    return items if len(items) == tile.width else None


def _level(files: Files, level: int, count: int) -> list[Items | None]:
    """The first `count` items of a level, a tile at a time; None for a tile that is not there or not readable."""
    return [_newest(files, tile) for tile in _needed(level, count)]


def _needed(level: int, count: int) -> Iterator[Tile]:
    for index in range(-(-count // WIDTH)):
        yield Tile(level, index, min(WIDTH, count - index * WIDTH))


def _newest(files: Files, tile: Tile) -> Items | None:
    """What a tile holds. A partial one may have grown up: it is then the beginning of the full one."""
    items = files.get(tile)
    if items is None:
        items = files.get(Tile(tile.level, tile.index))
    return None if items is None else items[: tile.width]


def _hashes_under(
    checkpoint: Checkpoint, bundles: list[Items | None], tiles: list[Items | None], above: list[Items | None]
) -> Items | None:
    """The leaf hashes that give the checkpoint's root, chosen tile by tile from the entries or the tiles."""
    roots = [root for tile in above for root in (tile or [b""] * WIDTH)]
    ways: list[list[Items]] = []
    open_ways = 0
    for index, (bundle, tile) in enumerate(zip(bundles, tiles, strict=True)):
        made = None if bundle is None else [leaf_hash(entry) for entry in bundle]
        options = [option for option in (made, tile) if option is not None]
        if len(options) == 2 and options[0] == options[1]:
            options.pop()
        if len(options) == 2 and index < len(roots):  # the tile above says which of them is right
            options = [option for option in options if tree_root(option) == roots[index]] or options
        open_ways += len(options) == 2
        ways.append(options)
    if not all(ways) or open_ways > _TRIES:
        return None
    for choice in product(*ways):
        hashes = [leaf for part in choice for leaf in part]
        if tree_root(hashes) == checkpoint.root:
            return hashes
    return None


def _entries_under(hashes: Items, bundles: list[Items | None]) -> Iterator[bytes | None]:
    for index, bundle in enumerate(bundles):
        wanted = hashes[index * WIDTH : (index + 1) * WIDTH]
        if bundle is None:
            yield from (None for _ in wanted)
            continue
        for entry, leaf in zip(bundle, wanted, strict=True):
            yield entry if leaf_hash(entry) == leaf else None


def _against(files: Files, hashes: Items) -> Iterator[Verdict]:
    """Every file that the checkpoint covers against the hashes under it, at every level."""
    expected, level = hashes, 0
    for tile in _needed(ENTRIES, len(hashes)):
        if tile not in files and Tile(tile.level, tile.index) not in files:
            yield _gone(tile)
    while level < max(levels(len(hashes)), 1) and expected:
        for tile in _needed(level, len(expected)):
            if tile not in files and Tile(level, tile.index) not in files:
                yield _gone(tile)
        yield from _differing(files, level, expected)
        expected = [tree_root(part) for part in _whole_groups(expected)]
        level += 1


def _whole_groups(hashes: Items) -> Iterator[Items]:
    return (hashes[at : at + WIDTH] for at in range(0, len(hashes) // WIDTH * WIDTH, WIDTH))


def _differing(files: Files, level: int, expected: Items) -> Iterator[Verdict]:
    """The files of one level, and with level 0 the bundles of entries, that hold something else."""
    for tile, items in files.items():
        first = tile.index * WIDTH
        wanted = expected[first : first + tile.width]
        if tile.level == level and len(wanted) == tile.width and items != wanted:
            yield _log("altered", "a tile of the log was altered", tile.path)
        elif tile.level == ENTRIES and level == 0 and len(wanted) == tile.width:
            if items is None:
                yield _log("altered", "entries of the log were altered: the bundle cannot be read", tile.path)
                continue
            wrong = [first + i for i in range(tile.width) if leaf_hash(items[i]) != wanted[i]]
            if wrong:
                which = f"entry {wrong[0]} was" if len(wrong) == 1 else f"entries {_listed(wrong)} were"
                yield _log("altered", f"{which} altered", tile.path, len(wrong))


def _without_root(
    files: Files, size: int, bundles: list[Items | None], tiles: list[Items | None]
) -> Iterator[Verdict]:
    """What can be said where nothing gives the checkpoint's root."""
    missing = [
        tile
        for level in (ENTRIES, *range(levels(size)))
        for tile in _needed(level, size >> HEIGHT * max(level, 0))
        if tile not in files and Tile(tile.level, tile.index) not in files
    ]
    yield from map(_gone, missing[:_NAMED])
    if len(missing) > _NAMED:
        yield _log("missing", f"{len(missing) - _NAMED:,} more tiles of the log are missing")
    disagree = False
    for index, (bundle, tile) in enumerate(zip(bundles, tiles, strict=True)):
        name = next(islice(_needed(0, size), index, None))
        if bundle is not None and tile is not None and [leaf_hash(entry) for entry in bundle] != tile:
            disagree = True
            yield _log("altered", "a tile of the log and the entries that it stands over disagree", name.path)
        elif bundle is None and _held(files, Tile(ENTRIES, index, name.width)):
            disagree = True
            yield _log("altered", "entries of the log were altered: the bundle cannot be read", name.path)
        elif tile is None and _held(files, name):
            disagree = True
            yield _log("altered", "a tile of the log was altered: it cannot be read", name.path)
    if not missing and not disagree:
        yield _log(
            "altered",
            "the entries and the checkpoint do not belong together: they give another root. Either the checkpoint "
            "was altered, or entries and tiles were replaced together",
            "checkpoint",
        )


def _held(files: Files, tile: Tile) -> bool:
    return tile in files or Tile(tile.level, tile.index) in files


def _left_over(files: Files, seen: Collection[str], found: LogRead) -> Iterator[Verdict]:
    """Tiles beyond the checkpoint. An interrupted append leaves those of one append behind this head, no others."""
    size = found.checkpoint.size
    beyond = [tile for tile in files if tile.path in seen and not tile.covered(size)]
    wrong = [tile for tile in beyond if not _continues(tile, files[tile], found)]
    for tile in wrong:
        told = "nobody knows this file: it stands beyond the checkpoint, and does not continue it"
        yield _log("strange", told, tile.path)
    beyond = [tile for tile in beyond if tile not in wrong]
    heads = {
        tile.index * WIDTH + tile.width for tile in beyond if tile.level in (ENTRIES, 0) and not tile.full
    }
    if len(heads) > 1:
        yield _log(
            "missing",
            f"the checkpoint was put back: it tells of {size:,} entries, and the files beside it of heads up to "
            f"{max(heads):,}. An interrupted run leaves one such head, never several",
            "checkpoint",
            max(heads) - size,
        )
    elif beyond:
        yield _log(
            "note",
            f"{amount(len(beyond), 'tile')} beyond the checkpoint: left by an interrupted run, or being written now",
            beyond[0].path,
            len(beyond),
        )


def _continues(tile: Tile, items: Items | None, found: LogRead) -> bool:
    """Whether a tile beyond the checkpoint can be of an append behind it: whole, and beginning as the log does."""
    if items is None:
        return False
    if tile.level not in (ENTRIES, 0) or found.hashes is None:
        return True
    own = found.hashes[tile.index * WIDTH : (tile.index + 1) * WIDTH]
    made = items if tile.level == 0 else [leaf_hash(entry) for entry in items]
    return made[: len(own)] == own


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(f"{number:,}" for number in numbers[:5])
    return shown if len(numbers) <= 5 else f"{shown} and {len(numbers) - 5:,} more"


def _gone(tile: Tile) -> Verdict:
    kind = "entries" if tile.level == ENTRIES else "hashes"
    return _log("missing", f"a tile of the log with {tile.width} {kind} is missing", tile.path, tile.width)


def _log(state: State, sentence: str, where: str = "", count: int = 1) -> Verdict:
    return Verdict("log", state, sentence, where, count=count)
