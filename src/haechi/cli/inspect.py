"""`haechi inspect`: read, detect, join into cases, scope, report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from haechi.cli.inspect_schedule import schedule as make_schedule
from haechi.cli.options import (
    BAD,
    NOTHING,
    AsJson,
    EngineKind,
    Paths,
    WorkspaceDir,
    added,
    chosen_engine,
    needed_workspace,
    verdict,
    zone_of,
)
from haechi.cli.output import Output
from haechi.cli.vouching import vouched
from haechi.detect.rule import rule_files
from haechi.detect.state.looked import Days
from haechi.report import inspection as work
from haechi.report.terminal import print_inspection
from haechi.report.workspaces import open_workspace
from haechi.workspace.load import Workspace
from haechi.workspace.problems import did_you_mean

Kept = Annotated[
    Path | None,
    typer.Option("--keep-store", metavar="DIR", help="Keep what was read in this folder, as a store."),
]
Day = Annotated[
    str,
    typer.Option(
        "--day", metavar="DAY", help="Look at the accesses of this local day only, such as 2025-06-24."
    ),
]
Since = Annotated[
    str, typer.Option("--since", metavar="DAY", help="Look at the accesses from this local day on only.")
]
Rules = Annotated[
    list[str] | None, typer.Option("--rule", metavar="ID", help="Run only this rule; may be repeated.")
]
Schedule = Annotated[
    str,
    typer.Option(
        "--schedule", metavar="KIND", help="Inspect nothing now: print units for systemd, or lines for cron."
    ),
]
Units = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write the units of --schedule systemd into this folder."),
]


def inspect(
    paths: Paths = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
    keep_store: Kept = None,
    rule: Rules = None,
    day: Day = "",
    since: Since = "",
    schedule: Schedule = "",
    engine: EngineKind = "",
    out_folder: Units = None,
) -> int:
    """Say whether somebody takes personal data who should not, who, since when, and whose.

    Reads the access records in these files, and inside a workspace all of its sources where no file is named.
    Every line is accounted for. Outside a workspace nothing is kept; inside one, what was read stays in its store.
    With --day or --since it flags what it would flag of these days without them; what rules must know of earlier days
    is carried from one inspection to the next.
    """
    if schedule:
        return make_schedule(needed_workspace(workspace), schedule, out_folder, Output.open(as_json))
    found = open_workspace(workspace)
    if found is None and not paths:
        raise typer.BadParameter("Name a file or a folder, or go to a workspace: haechi init makes one.")
    _check_rules(rule or (), found)
    days = _days(day, since)
    out = Output.open(as_json)
    with (
        out.progress() as progress,
        work.inspect(
            paths or [],
            found,
            progress=progress,
            only_rules=rule or (),
            store=keep_store,
            days=days,
            engine=chosen_engine(engine, found),
        ) as inspected,
    ):
        inspection = inspected.inspection
    trusted = vouched(found, out) if found and keep_store is None else True
    if as_json:
        out.document(inspection)
    else:
        remarks = added(inspection.read, found) if found and keep_store is None else []
        if days:
            last = "" if days.first == days.last else " on"
            remarks.append(f"Accesses of {days.first}{last} only; holes are those of the whole store.")
        print_inspection(inspection, out.answer, zone_of(found), found.root if found else None, remarks)
    return verdict(inspection) or (NOTHING if trusted else BAD)


def _days(day: str, since: str) -> Days | None:
    if day and since:
        raise typer.BadParameter("Give a day or a beginning, not both.", param_hint="--day")
    for text, option in ((day, "--day"), (since, "--since")):
        try:
            first = date.fromisoformat(text) if text else None
        except ValueError:
            raise typer.BadParameter(f"{text!r} is no day such as 2025-06-24.", param_hint=option) from None
        if first:
            # The newest record may come from a clock that is ahead by days.
            return Days(first, first if day else max(first, date.today()) + timedelta(days=7))
    return None


def _check_rules(asked: Sequence[str], workspace: Workspace | None) -> None:
    """Before anything is read: a rule's file is named after its id, so no rule has to be read for this."""
    known = [path.stem for path in rule_files(workspace.root / "rules" if workspace else None)]
    for name in asked:
        if name not in known:
            raise typer.BadParameter(
                f"There is no rule {name!r}.{did_you_mean(name, known)}", param_hint="--rule"
            )
