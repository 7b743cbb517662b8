"""Whether carried state is what it would be if it were made again from the records alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from haechi.detect.state.keep import TABLES, Made, State
from haechi.evidence import durable
from haechi.model.errors import StoreError
from haechi.model.settings import Settings
from haechi.store import layout, lending, locks
from haechi.store.interface import Engine
from haechi.store.open import open_engine
from haechi.store.sql import literal
from haechi.store.store import Store

Progress = Callable[[int, int], None]  # (blocks done, blocks)


@dataclass(frozen=True)
class Checked:
    """What came of comparing. `differing`: names of files that hold other rows, or cannot be read.

    alike:   files that are the same byte for byte
    reread:  files that differ in bytes and hold the same rows (one was merged, the other made at once)
    missing: files that were not there yet: nothing was wrong, it would have been made when needed
    """

    made: Made
    alike: int
    reread: int
    missing: int
    differing: list[str]


def rebuild(store: Store, settings: Settings, progress: Progress | None = None) -> Made:
    """Throw all carried state away and make it again from the records.

    Raises:
        StoreError: somebody reads the store or writes to it, or the disk is full.
    """
    with store.writer(), locks.unread(store.root) as alone:
        if not alone:
            raise StoreError(
                "somebody reads this store",
                where=str(store.root),
                kept="the state as it was",
                todo="run the same command again when nobody reads",
            )
        durable.discard_directory(layout.state_folder(store.root))
        lending.forget()  # of the footers of these files, whose names come back
    with store.reading(), closing(open_engine(snapshot := store.snapshot(), settings.store)) as engine:
        return State(snapshot, settings.workspace.timezone).make(engine, progress)


def check(store: Store, settings: Settings, progress: Progress | None = None) -> Checked:
    """Make the state again, from records alone, beside the kept one, and compare. Changes nothing.

    Raises:
        StoreError: the disk is full.
    """
    zone, spill = settings.workspace.timezone, layout.spill_folder(store.root)
    with store.reading(), closing(open_engine(snapshot := store.snapshot(), settings.store)) as engine:
        spill.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=spill, prefix="rebuild-") as work:
            return compare(engine, State(snapshot, zone), State(snapshot, zone, Path(work)), progress)


def compare(engine: Engine, kept: State, again: State, progress: Progress | None = None) -> Checked:
    """Make `again`, in a folder of its own, and compare what is kept with it."""
    made = again.make(engine, progress)
    alike = reread = missing = 0
    differing: list[str] = []
    for table in TABLES:
        for old, new in zip(kept.files(table), again.files(table), strict=True):
            if not old.is_file():
                missing += 1
            elif durable.sha256(old) == durable.sha256(new):
                alike += 1
            elif same_rows(engine, old, new):
                reread += 1
            else:
                differing.append(old.name)
    return Checked(made, alike, reread, missing, differing)


def same_rows(engine: Engine, one: Path, other: Path) -> bool:
    """Whether two Parquet files hold the same rows, each as often. A file that cannot be read holds none of them."""
    a, b = (f"SELECT * FROM read_parquet({literal(str(file))})" for file in (one, other))
    try:
        return not engine.rows(f"(({a}) EXCEPT ALL ({b})) UNION ALL (({b}) EXCEPT ALL ({a})) LIMIT 1")
    except duckdb.Error:
        return False
