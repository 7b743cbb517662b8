"""Where things stand in a store's folder. Only names; nothing here touches the disk.

store/checkpoint             the head of the evidence log: what exists
store/tile/...               the log's tiles and entries (C2SP tlog-tiles)
store/batches/0000/          files of batches 0 to 9999, by number
    0000000012.parquet       the records, in (source, seq) order
    0000000012.aside.parquet the places and reasons of lines set aside (only if there are any)
    0000000012.raw.zst       the bytes of the source that the batch was made from
store/tmp/                   files not yet whole
store/spill/                 what queries could not keep in memory, while they run
store/origin                 the name of the log, made once
store/lock                   held by the one process that writes
"""

from __future__ import annotations

import re
from pathlib import Path

BATCHES_PER_FOLDER = 10_000


def batch_folder(root: Path, number: int) -> Path:
    return root / "batches" / f"{number // BATCHES_PER_FOLDER:04d}"


def records_file(root: Path, number: int) -> Path:
    return batch_folder(root, number) / f"{number:010d}.parquet"


def aside_file(root: Path, number: int) -> Path:
    return batch_folder(root, number) / f"{number:010d}.aside.parquet"


def raw_file(root: Path, number: int) -> Path:
    return batch_folder(root, number) / f"{number:010d}.raw.zst"


def batch_files(root: Path, number: int) -> tuple[Path, Path, Path]:
    return records_file(root, number), aside_file(root, number), raw_file(root, number)


_BATCH_FILE = re.compile(r"\d{10}\.(parquet|aside\.parquet|raw\.zst)")


def is_batch_file(name: str) -> bool:
    return _BATCH_FILE.fullmatch(name) is not None


def spill_folder(root: Path) -> Path:
    return root / "spill"


def tmp_folder(root: Path) -> Path:
    return root / "tmp"


def lock_file(root: Path) -> Path:
    return root / "lock"


def files_of(root: Path, number: int, rows: int, set_aside: int) -> list[Path]:
    """The files that answers are made from: those of a batch that has records or set-aside lines."""
    files = [records_file(root, number)] if rows else []
    return files + ([aside_file(root, number)] if set_aside else [])
