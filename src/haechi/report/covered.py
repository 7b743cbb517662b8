"""What a workspace's store holds: each source from when to when, and the holes in between. Runs no rule."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from importlib.resources import files

import msgspec

from haechi.model.times import moment
from haechi.model.values import Hole
from haechi.report.stores import open_store
from haechi.scope.clocks import put_right
from haechi.scope.coverage import find_holes
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace


class SourceHeld(msgspec.Struct, frozen=True):
    """One source in the store. `records + set_aside` is every line ever read of it; `gone` of the records are not
    there any more: missing, expired or erased."""

    table: str
    source: str
    files: int
    records: int
    set_aside: int
    first: datetime | None
    last: datetime | None
    gone: int = 0


class Covered(msgspec.Struct, frozen=True):
    """The document of `haechi coverage --json`."""

    checkpoint: str
    sources: list[SourceHeld]
    holes: list[Hole]


def covered(workspace: Workspace) -> Covered:
    """The sources and the holes of a workspace's store.

    Raises:
        StoreError: the store cannot be opened.
    """
    store = open_store(workspace)
    with (
        store.reading(),
        closing(open_engine(snapshot := store.snapshot(), workspace.settings.store)) as engine,
    ):
        sql = files(__package__).joinpath("covered.sql").read_text(encoding="utf-8")
        sources = [
            SourceHeld(table, source, count, records, aside, moment(first), moment(last), gone)
            for table, source, count, records, aside, gone, first, last in engine.rows(sql)
        ]
        holes = put_right(snapshot.catalog.clocks) + find_holes(engine, workspace.settings)
        return Covered(engine.checkpoint, sources, holes)
