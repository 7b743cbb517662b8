"""Options that several verbs share, and what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, get_args

import msgspec
import typer

from haechi.model.errors import SettingsError
from haechi.model.settings import EngineName, EngineSettings
from haechi.model.times import micros
from haechi.model.values import Inspection, ReadReport
from haechi.report.figures import count
from haechi.report.workspaces import open_workspace
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone

NOTHING, FOUND, BAD = 0, 1, 3  # 2, a wrong command, is told by typer
UNEXPECTED, INTERRUPTED, PIPE_CLOSED = 70, 130, 141

EXIT_CODES = (
    "Exit codes: 0 nothing found, or done; 1 findings; 2 the command or haechi.toml is wrong; "
    "3 the input or the evidence is bad; 70 an error in Haechi itself; 130 interrupted."
)

AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output.")]
WorkspaceDir = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The folder with haechi.toml. Without it: this folder or the nearest one above that has one.",
    ),
]
EngineKind = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="KIND",
        help="duckdb or spark: what runs rules and scopes. Without it as haechi.toml says.",
    ),
]
Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Files, folders, patterns, or - for standard input."),
]


def chosen_engine(kind: str, workspace: Workspace | None) -> EngineSettings:
    """The workspace's engine, or the one that `--engine` names with the workspace's other settings.

    Raises:
        typer.BadParameter: there is no such engine.
    """
    settings = workspace.settings.engine if workspace else EngineSettings()
    if kind and kind not in get_args(EngineName):
        raise typer.BadParameter(f"There is no engine {kind!r}: duckdb or spark.", param_hint="--engine")
    return msgspec.structs.replace(settings, kind=kind) if kind else settings


def needed_workspace(folder: Path | None) -> Workspace:
    """The workspace, for verbs that make no sense without one.

    Raises:
        SettingsError: there is none.
    """
    workspace = open_workspace(folder)
    if workspace is None:
        raise SettingsError(
            "There is no haechi.toml in this folder or above it.",
            where=str(Path.cwd()),
            todo="Go to a workspace or name one with --workspace; haechi init makes one.",
        )
    return workspace


def zone_of(workspace: Workspace | None) -> tzinfo:
    """The time zone that people read: the workspace's, else UTC."""
    return (zone(workspace.settings.workspace.timezone) if workspace else None) or UTC


def added(read: ReadReport, workspace: Workspace) -> list[str]:
    """Says so where files that belong to none of the workspace's sources were stored in it, for good."""
    own = {source.name for source in workspace.settings.sources}
    files = sum(1 for source in read.sources if source.lines and source.source not in own)
    if not files:
        return []
    name = workspace.settings.workspace.name or workspace.root.name
    which = f"{count(files, 'file')} of none of its sources {'was' if files == 1 else 'were'}"
    return [f"{which} added to the workspace {name} ({workspace.root})."]


def unread(read: ReadReport) -> bool:
    """Whether a file that was asked for could not be read, or not to its end."""
    return any(source.problem for source in read.sources)


def verdict(inspection: Inspection) -> int:
    """The exit code of an inspection. What was found weighs more than what could not be read."""
    if inspection.findings or inspection.cases or inspection.missing_reports:
        return FOUND
    return BAD if unread(inspection.read) or not looked_at(inspection) else NOTHING


def looked_at(inspection: Inspection) -> bool:
    """Whether there was any record to look at; without one, "nothing found" would be no answer."""
    return any(inspection.records.values())


def instant(text: str, zone: tzinfo, option: str, *, end: bool = False) -> int | None:
    """A time that somebody typed, as microseconds since 1970 UTC; None for "".

    A day is its beginning, and as an `end` the beginning of the next: an end is outside.

    Raises:
        typer.BadParameter: it is no day and no time; names the option.
    """
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        if end and is_day(text):
            time += timedelta(days=1)
        return micros(time if time.tzinfo else time.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no day or time.", param_hint=option) from None


def is_day(text: str) -> bool:
    """Whether a time that `instant` reads is a day, without a time of day."""
    return len(text) <= len("2025-06-24")
