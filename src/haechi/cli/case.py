"""`haechi case`: the cases in what the workspace's store holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from haechi.cli import case_ask as asking
from haechi.cli import case_serve
from haechi.cli.options import FOUND, AsJson, WorkspaceDir, needed_workspace, verdict, zone_of
from haechi.cli.output import Output
from haechi.model.values import Case
from haechi.report.custody import Look
from haechi.report.figures import day
from haechi.report.inspection import reopen
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.report.terminal import beside, headline, held
from haechi.report.terminal_case import print_case
from haechi.workspace.load import Workspace

app = typer.Typer(no_args_is_help=True, help="List and show cases: findings with one cause.")
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="A case's id, such as C-7f3a2b.")]


@app.command("list")
def list_cases(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """List the cases in what was collected, the gravest first."""
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with reopen(found, Look("case list")) as inspected:
        inspection = inspected.inspection
    if as_json:
        out.document({"checkpoint": inspection.checkpoint, "cases": inspection.cases})
    else:
        out.answer.print(headline(inspection))
        for line in (*beside(inspection), *held(inspection, zone_of(found))):
            out.answer.print(inert(line))
        if inspection.cases:
            indented(out.answer, "", _table(inspection.cases, found))
    return verdict(inspection)


@app.command("show")
def show(case: CaseId, workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Show one case: why, whose data, since when, with what."""
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    with reopen(found, Look("case show", {"case": case})) as inspected:
        shown = pick(inspected.inspection.cases, case)
    if as_json:
        out.document(shown)
    else:
        print_case(shown, out.answer, zone_of(found))
        asking.told_of(shown.id, found, out)
    return FOUND


for _verb in (
    asking.ask,
    asking.asks,
    asking.question,
    asking.answer,
    asking.accept,
    asking.reject,
    asking.reopen,
    asking.tend,
    case_serve.serve,
):
    app.command()(_verb)


def pick(cases: Sequence[Case], wanted: str) -> Case:
    """The case of that id.

    Raises:
        typer.BadParameter: there is none; it lists those that there are.
    """
    for case in cases:
        if case.id.casefold() == wanted.casefold():
            return case
    known = ", ".join(case.id for case in cases[:20])
    there = f"There are: {known}." if known else "There are no cases."
    of_days = "An inspection of some days alone (--day, --since) gives its cases ids of their own."
    raise typer.BadParameter(f"There is no case {wanted!r}. {there} {of_days}")


def _table(cases: Sequence[Case], workspace: Workspace) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Case", "First seen", "Last seen"):
        table.add_column(title, no_wrap=True)
    for title in ("Requests", "Persons"):
        table.add_column(title, no_wrap=True, justify="right")
    table.add_column("What", overflow="fold")
    zone = zone_of(workspace)
    for case in cases:
        table.add_row(
            inert(case.id, "bold cyan"),
            day(case.first_seen, zone),
            day(case.last_seen, zone),
            f"{case.scope.requests:,}",
            f"{case.scope.persons:,}",
            inert(case.title),
        )
    return table
