"""Where things stand in a store's folder. Only names; nothing here touches the disk.

store/checkpoint             the head of the evidence log: what exists
store/tile/...               the log's tiles and entries (C2SP tlog-tiles)
store/batches/0000/          files of batches 0 to 9999, by number
    0000000012.parquet       the records, in (source, seq) order
    0000000012.aside.parquet the places and reasons of lines set aside (only if there are any)
    0000000012.raw.zst       the bytes of the source that the batch was made from
    0000000012.leaves        the hashes of the leaves of its units
store/compact/               records of several batches, sorted for look-ups
    0000000003.parquet
store/keys/store             the store's own key
store/keys/2026-11           person-period keys of a month
store/cosigned/              heads of the log with what witnesses signed, by size
store/stamped/               their timestamps
store/state/                 what is carried from day to day: a cache (haechi.store.state)
store/tmp/                   files not yet whole
store/spill/                 what queries could not keep in memory, while they run
store/origin                 the name of the log, made once
store/lock                   held by the one process that collects, compacts or expires
store/append.lock            held for a moment by whoever appends to the log
store/readers.lock           shared by all who read files: what is superseded goes when nobody does
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


def leaves_file(root: Path, number: int) -> Path:
    return batch_folder(root, number) / f"{number:010d}.leaves"


def batch_files(root: Path, number: int) -> dict[str, Path]:
    """The files that a batch can have, by what the evidence log calls them."""
    return {
        "records": records_file(root, number),
        "aside": aside_file(root, number),
        "raw": raw_file(root, number),
        "leaves": leaves_file(root, number),
    }


_BATCH_FILE = re.compile(r"\d{10}\.(parquet|aside\.parquet|raw\.zst|leaves)")


def is_batch_file(name: str) -> bool:
    return _BATCH_FILE.fullmatch(name) is not None


def compact_folder(root: Path) -> Path:
    return root / "compact"


def compact_file(root: Path, number: int) -> Path:
    return compact_folder(root) / f"{number:010d}.parquet"


def store_key_file(root: Path) -> Path:
    return root / "keys" / "store"


def period_file(root: Path, period: str) -> Path:
    return root / "keys" / period


def cosigned_folder(root: Path) -> Path:
    return root / "cosigned"


def stamped_folder(root: Path) -> Path:
    return root / "stamped"


def state_folder(root: Path) -> Path:
    return root / "state"


KEPT = "kept-"  # how folders in the spill folder begin that hold what rules keep
SPILLED = (KEPT, "spark-", "rebuild-")  # and those of others


def spill_folder(root: Path) -> Path:
    return root / "spill"


def tmp_folder(root: Path) -> Path:
    return root / "tmp"


def lock_file(root: Path) -> Path:
    return root / "lock"


def append_lock_file(root: Path) -> Path:
    return root / "append.lock"


def readers_lock_file(root: Path) -> Path:
    return root / "readers.lock"
