"""Whether carried state is what it would be if it were made again from the records alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from haechi.detect.state.keep import TABLES, Made, State
from haechi.evidence import durable
from haechi.store.interface import Engine
from haechi.store.sql import literal
from haechi.store.store import Snapshot


@dataclass(frozen=True)
class Checked:
    """What came of comparing. `differing`: names of files that hold other rows, or cannot be read.

    alike:   files that are the same byte for byte
    reread:  files that differ in bytes and hold the same rows (another version of the engine wrote them)
    missing: files that were not there yet: nothing was wrong, it would have been made when needed
    """

    made: Made
    alike: int
    reread: int
    missing: int
    differing: list[str]


def check(
    engine: Engine,
    snapshot: Snapshot,
    zone: str,
    work: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Make the state of a snapshot again in the folder `work`, from records alone, and compare. Changes no state.

    Raises:
        StoreError: the disk is full.
    """
    kept, again = State(snapshot, zone), State(snapshot, zone, work)
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
