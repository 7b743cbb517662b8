"""Keep facts: written as JSON lines, collected at once, so that each is sealed in the evidence log with its line.

The folder `facts/` of a workspace is an outbox. A file in it was gathered and is not committed yet; once it is, its
lines are in the store as every other line, and the file goes, so that nothing personal lies about outside of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from haechi.collect.opening import Named
from haechi.collect.run import Collector, Job
from haechi.evidence import durable
from haechi.identity.interface import Fact
from haechi.model.errors import IdentityError
from haechi.model.settings import SourceSettings
from haechi.model.values import ReadReport
from haechi.store.locks import disk_error
from haechi.store.of_workspace import open_store
from haechi.workspace.load import Workspace

FOLDER = "facts"
SOURCE_PREFIX = "facts."  # of the names of sources: one for each system, one for all probes
PROBES = "probes"  # under which name the answers of probes are kept
FORMAT = "facts"
_SUFFIX = ".jsonl"


def keep_facts(workspace: Workspace, name: str, facts: Iterable[Fact]) -> int:
    """Seal facts in the workspace's store: those of the system `name`, or of `PROBES`. Returns how many.

    Facts that an earlier run gathered and could not commit are committed on the way.

    Raises:
        StoreError: another process writes to the store, or the disk is full. The facts stay in the outbox, and the
            next call, or `haechi leaver gather`, commits them.
        IdentityError: a fact cannot be read back as it was written.
    """
    kept = list(facts)
    if kept:
        write(workspace, name, lines_of(kept))
    commit(workspace)
    return len(kept)


def write(workspace: Workspace, name: str, lines: bytes) -> Path:
    """Put JSON lines into the outbox: on the disk, readable by their owner alone."""
    folder = workspace.root / FOLDER / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (workspace.root / FOLDER).chmod(0o700)
        file = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}{_SUFFIX}"
        durable.replace(file, lines)
    except OSError as error:
        raise disk_error(error, workspace.root) from error
    return file


def waiting(workspace: Workspace) -> list[tuple[str, Path]]:
    """What is in the outbox, the oldest first: (name, file)."""
    found = [(path.parent.name, path) for path in (workspace.root / FOLDER).glob(f"*/*{_SUFFIX}")]
    return sorted(found, key=lambda item: (item[1].name, item[0]))


def commit(workspace: Workspace) -> ReadReport | None:
    """Collect all that is in the outbox. None where there is nothing.

    Raises as `keep_facts`.
    """
    found = waiting(workspace)
    if not found:
        return None
    jobs = [Job(Named(str(path), True), source_of(name, path)) for name, path in found]
    with open_store(workspace).writer() as writer:
        report = Collector(writer, workspace.settings, live=False).run(jobs)
    _check(report, found)
    durable.discard([path for _, path in found])
    return report


def source_of(name: str, path: Path) -> SourceSettings:
    """The source that facts of this name belong to."""
    return SourceSettings(
        name=SOURCE_PREFIX + name, paths=[str(path)], table="fact", format=FORMAT, timezone="UTC"
    )


def _check(report: ReadReport, found: Sequence[tuple[str, Path]]) -> None:
    """That every fact came to be a record: one that is set aside would be missing in silence."""
    problem = next((source.problem for source in report.sources if source.problem), "")
    if not problem and report.set_aside:
        problem = report.aside[0].reason if report.aside else "set aside"
    if problem:
        raise IdentityError(
            f"facts that were gathered could not be kept: {problem}",
            where=str(found[0][1].parent.parent),
            kept="the files of the outbox, and every fact that could be read",
            todo="read the files named, correct or remove them, and run the same command again",
        )


def lines_of(facts: Iterable[Fact]) -> bytes:
    """Facts as JSON lines."""
    return b"".join(msgspec.json.encode(dict(_told(fact))) + b"\n" for fact in facts)


def _told(fact: Fact) -> Iterator[tuple[str, str]]:
    """The columns that say something, as text; times in UTC with all their microseconds."""
    for name in fact.__dataclass_fields__:
        value = getattr(fact, name)
        if isinstance(value, datetime):
            yield name, value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        elif value:
            # What a system says may hold halves of characters, which are no text, and NUL, at which engines stop.
            text = str(value).encode("utf-8", "backslashreplace").decode()
            yield name, text.replace("\0", "\\x00")
