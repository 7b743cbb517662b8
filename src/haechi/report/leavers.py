"""Leavers of a workspace: ask the systems, and check what its store knows."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from haechi.identity.facts import waiting
from haechi.identity.gather import Gathered, gather
from haechi.identity.leaver import check
from haechi.identity.leaver_values import LeaverCheck
from haechi.model.values import ReadReport
from haechi.report import custody, inspection
from haechi.report.custody import Look
from haechi.report.stores import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace

LISTS = ("person", "fact")  # tables that are read along


def gather_all(
    workspace: Workspace, names: Collection[str] = (), wait: float = 30.0
) -> tuple[list[Gathered], ReadReport | None]:
    """Ask the systems (of these names), and, where none is named, read the sources of people and facts as well.

    Raises as `haechi.identity.gather.gather`; a workspace without systems that has such sources is no error.
    """
    sources = [source for source in workspace.settings.sources if source.table in LISTS]
    read = None
    if sources and not names:
        settings = msgspec.structs.replace(workspace.settings, sources=sources)
        read = inspection.collect([], replace(workspace, settings=settings))
    if not workspace.settings.systems and read is not None:
        return [], read
    return gather(workspace, names, wait), read


def told_from(root: Path, found: LeaverCheck) -> LeaverCheck:
    """The same with the places of rows that could not be read shortened to what comes after `root`."""
    start = f"{root}{os.sep}"
    told = [words.removeprefix(start) for words in found.not_looked_at]
    return msgspec.structs.replace(found, not_looked_at=told)


def check_leavers(workspace: Workspace, person: str = "", at: datetime | None = None) -> LeaverCheck:
    """What all leavers, or one person, must have lost. That somebody looked is noted in the log.

    Raises `IdentityError`: nobody of this name is known.
    """
    store = open_store(workspace)
    custody.record(store, Look("leaver check", {"people": "one" if person else "all who left"}))
    with store.reading():
        engine = open_engine(store.snapshot(), workspace.settings.store)
        try:
            found = told_from(workspace.root, check(engine, workspace.settings, person, at))
        finally:
            engine.close()
    if files := len(waiting(workspace)):
        words = f"{files} files of facts wait to be sealed: haechi leaver gather"
        found = msgspec.structs.replace(found, not_looked_at=[*found.not_looked_at, words])
    return found
