"""Replace files of the store together with an entry of the log: all of them or none, whatever crashes.

The new files wait in `next/`, on the disk, before the entry is written that tells their hashes. After it they take
the old files' places; after a crash the next writer sees from the log which of those that wait are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from haechi.evidence import durable
from haechi.store.catalog import Catalog

_BETWEEN = "__"  # for the slash of a path
_BATCH = re.compile(r"batches/\d+/(\d{10})\.(parquet|aside\.parquet|raw\.zst|leaves)", re.ASCII)
_COMPACT = re.compile(r"compact/(\d{10})\.parquet", re.ASCII)
_KINDS = {"parquet": "records", "aside.parquet": "aside", "raw.zst": "raw", "leaves": "leaves"}


def next_folder(root: Path) -> Path:
    return root / "next"


def waiting_place(root: Path, target: Path) -> Path:
    """Where the new content of a file waits. The folder is there on return."""
    folder = next_folder(root)
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        durable.sync_directory(root)
    return folder / target.relative_to(root).as_posix().replace("/", _BETWEEN)


def finish_interrupted(root: Path, catalog: Catalog) -> None:
    """Finish every replacement that the log tells of, and drop what waits for none. Does nothing a second time.

    Only for the process that holds the writer's lock, and before it seals anything: the keys may be among them.
    """
    folder = next_folder(root)
    if not folder.is_dir():
        return
    waiting = sorted(folder.iterdir())
    meant = [file for file in waiting if durable.sha256(file) == expected(file.name, catalog)]
    take_places(root, meant)
    for file in waiting:
        file.unlink(missing_ok=True)


def take_places(root: Path, waiting: Iterable[Path]) -> None:
    """Give the files that wait the places they are for."""
    folders = set()
    for file in waiting:
        target = root / file.name.replace(_BETWEEN, "/")
        file.replace(target)
        folders.add(target.parent)
    for folder in sorted(folders):
        durable.sync_directory(folder)


def expected(name: str, catalog: Catalog) -> str:
    """SHA-256 that the log tells of the file for which this one waits; "" where it tells none."""
    path = name.replace(_BETWEEN, "/")
    if batch := _BATCH.fullmatch(path):
        number = int(batch[1])
        known = number < catalog.next_number
        return catalog.file_hash(number, _KINDS[batch[2]]) if known else ""
    if compact := _COMPACT.fullmatch(path):
        leaf = catalog.compactions.get(int(compact[1]))
        return leaf.sha256 if leaf else ""
    folder, _, period = path.rpartition("/")
    return catalog.period_keys.get(period, "") if folder == "keys" else ""
