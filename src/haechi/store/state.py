"""Where carried state stands in a store: `store/state/`, a cache that is never part of the evidence.

    store/state/4f0c…/0000000256-0000000016-9a3e….person_day.parquet
                └ how it is made    └ batches 256 to 271    └ what stands in them

State is kept in blocks of batch numbers, as a tile of the log is: 1, 16 or 256 batches, begun at a multiple of their
count. Which blocks there are follows from the number of batches alone, so a store that grew batch by batch and one that
is made again from nothing hold the same rows in files of the same names. A block's name tells what stood in its batches
when it was made: when batches expire or a person's rows are erased, the old name is no longer asked for, and its file
goes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from haechi.store import layout
from haechi.store.catalog import Catalog

FAN_OUT = 16
LARGEST = FAN_OUT * FAN_OUT  # batches of one block: it is made and merged within a bounded memory
TABLES = ("person_day", "entity_day", "actor_use", "use_day")  # a block has a file of each
INSPECTIONS = "inspection"  # the folder of whole answers that are kept (haechi.report.kept)
_NAME = re.compile(r"(\d{10})-(\d{10})-([0-9a-f]{32})\.[a-z_]+\.parquet", re.ASCII)


@dataclass(frozen=True, order=True)
class Block:
    """The batches `first` to `first + count - 1`."""

    first: int
    count: int

    @property
    def end(self) -> int:
        return self.first + self.count

    def parts(self) -> list[Block]:
        """The smaller blocks that it is merged from; none for a single batch."""
        step = self.count // FAN_OUT
        return [Block(self.first + i * step, step) for i in range(FAN_OUT)] if step else []


def blocks(upto: int) -> list[Block]:
    """The blocks that cover the batches 0 to `upto - 1`, the largest first."""
    found, first, count = [], 0, LARGEST
    while count:
        while first + count <= upto:
            found.append(Block(first, count))
            first += count
        count //= FAN_OUT
    return found


def content(catalog: Catalog, block: Block, missing: Collection[int] = ()) -> str:
    """What stands in a block's access records, as 32 hex digits; "" where nothing does.

    Compaction moves records and changes nothing here. Expired batches and those whose files are `missing` hold nothing.
    """
    digest, some = hashlib.sha256(), False
    # Batches are numbered without holes.
    for batch in catalog.batches[block.first : block.end]:
        if batch.table == "access" and batch.rows and batch.number not in catalog.expired:
            if batch.number in missing:
                continue
            some = True
            digest.update(f"{batch.number} {batch.root} {catalog.erased.get(batch.number, 0)}\n".encode())
    return digest.hexdigest()[:32] if some else ""


def state_file(folder: Path, block: Block, what: str, table: str) -> Path:
    """The file of one table of a block. `what`: its `content`."""
    return folder / f"{block.first:010d}-{block.count:010d}-{what}.{table}.parquet"


def everything(catalog: Catalog) -> str:
    """What stands in all tables, and what the log says of its clocks, as 32 hex digits.

    Compaction, looks at the data and reports change nothing here: an inspection of the same is the same.
    """
    digest = hashlib.sha256(repr(catalog.clocks).encode())
    for batch in catalog.batches:
        gone = catalog.erased.get(batch.number, 0)
        digest.update(f"{batch.number} {batch.root} {batch.number in catalog.expired} {gone}\n".encode())
    return digest.hexdigest()[:32]


def outdated(root: Path, catalog: Catalog) -> Iterator[Path]:
    """Files of state that nothing asks for any more, and what a process left half-written that was killed."""
    folder = layout.state_folder(root)
    if not folder.is_dir():
        return
    for version in sorted(folder.iterdir()):
        files = sorted(version.iterdir()) if version.is_dir() else []
        if version.name == INSPECTIONS:
            now = everything(
                catalog
            )  # who writes one holds the readers' lock: a waiting file is a dead process's
            yield from (file for file in files if not file.name.startswith(now) or file.suffix == ".tmp")
            continue
        names = {file.name for file in files}
        wanted = {block: content(catalog, block) for block in blocks(catalog.next_number)}
        for block, what in list(wanted.items()):
            wanted |= _parts_needed(version, names, catalog, block, what)
        for file in files:
            found = _NAME.fullmatch(file.name)
            if found is None or wanted.get(Block(int(found[1]), int(found[2]))) != found[3]:
                yield file


def _parts_needed(
    folder: Path, names: Collection[str], catalog: Catalog, block: Block, what: str
) -> dict[Block, str]:
    """The smaller blocks that a block will be merged from, as long as it is not there itself."""
    if all(state_file(folder, block, what, table).name in names for table in TABLES):
        return {}
    needed: dict[Block, str] = {}
    for part in block.parts():
        needed[part] = content(catalog, part)
        needed |= _parts_needed(folder, names, catalog, part, needed[part])
    return needed


def made_of(root: Path, numbers: Collection[int]) -> list[Path]:
    """The files of state in which anything of these batches may stand, half-written ones too."""
    files = []
    for file in layout.state_folder(root).glob("*/*"):
        found = _NAME.fullmatch(file.name)
        if found is None or any(int(found[1]) <= n < int(found[1]) + int(found[2]) for n in numbers):
            files.append(file)
    return files
