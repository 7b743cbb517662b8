"""Ask every [[system]] what it knows, and keep it as facts. One that fails never stops the others."""

from __future__ import annotations

import os
import traceback
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from haechi.identity import facts
from haechi.identity.interface import Asking, Fact
from haechi.identity.references import secret_reader
from haechi.identity.registry import SOURCES
from haechi.model.errors import HaechiError, IdentityError
from haechi.model.settings import SystemSettings
from haechi.workspace.load import Workspace

WAIT: Final = 30.0  # seconds for any one answer
TOGETHER: Final = 4  # systems asked at the same time


class Gathered(msgspec.Struct, frozen=True):
    """What became of one system. `problem`: why nothing was gathered; half a list is dropped."""

    system: str
    kind: str
    facts: int = 0
    problem: str = ""
    listed: list[str] = []  # kinds of facts that were listed whole


def gather(workspace: Workspace, names: Collection[str] = (), wait: float = WAIT) -> list[Gathered]:
    """Ask these systems, or all that can list what they know; seal what they said. In the order of haechi.toml.

    Raises:
        IdentityError: there is no system of a name, or none that can list what it knows.
        StoreError: the facts could not be sealed; they wait in the outbox.
    """
    systems = [system for system in workspace.settings.systems if not names or system.name in names]
    known = {system.name for system in workspace.settings.systems}
    if missing := sorted(set(names) - known):
        raise IdentityError(f'there is no system "{missing[0]}"', todo="haechi.toml names them: [[system]]")
    asked = [system for system in systems if system.kind in SOURCES]
    if not asked:
        raise IdentityError(
            "no system was named that can list what it knows",
            where=str(workspace.file),
            todo="add a [[system]] to haechi.toml; docs/systems.md shows one of each kind",
        )
    with ThreadPoolExecutor(TOGETHER, "gather") as pool:
        answers = list(pool.map(lambda system: _ask(system, workspace.root, wait), asked))
    for system, (found, problem) in zip(asked, answers, strict=True):
        if found and not problem:
            facts.write(workspace, system.name, facts.lines_of(found))
    facts.commit(workspace)
    return [_told(system, *answer) for system, answer in zip(asked, answers, strict=True)]


def _ask(system: SystemSettings, root: Path, wait: float) -> tuple[Sequence[Fact], str]:
    """All facts of one system, or none and why."""
    try:
        asking = Asking(secret_reader(root), root, wait, datetime.now(UTC))
        return list(SOURCES[system.kind].gather(system, asking)), ""
    except HaechiError as error:
        return [], f"{error.what.rstrip('.')}{f' ({error.where})' if error.where else ''}"
    except Exception as error:
        # Its message may quote a secret, so only its kind and its place are told.
        if os.environ.get("HAECHI_DEBUG") == "1":
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        return [], f"Haechi failed in a way that it should not: {type(error).__name__} in {place.name}"


def _told(system: SystemSettings, found: Sequence[Fact], problem: str) -> Gathered:
    listed = sorted({fact.object for fact in found if fact.kind == "listing"})
    return Gathered(system.name, system.kind, len(found), problem, listed)
