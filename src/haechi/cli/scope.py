"""`haechi scope`: whose data a case took, one row a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from haechi.cli.case import CaseId, pick
from haechi.cli.options import NOTHING, AsJson, EngineKind, WorkspaceDir, chosen_engine, needed_workspace
from haechi.cli.output import Output
from haechi.report.custody import Look
from haechi.report.figures import count
from haechi.report.inspection import reopen
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.report.terminal_case import counters
from haechi.report.terminal_coverage import hole_lines
from haechi.report.terminal_possible import possible_lines

SUFFIXES = (".parquet", ".csv")
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write one row a person to this .parquet or .csv file."),
]


def scope(
    case: CaseId,
    out_file: Out = None,
    workspace: WorkspaceDir = None,
    engine: EngineKind = "",
    as_json: AsJson = False,
) -> int:
    """Count a case in its four units, and write the persons whose data was shown.

    The file holds personal data: only its owner may read it, and an older file of that name is replaced.
    """
    if out_file is not None and out_file.suffix not in SUFFIXES:
        raise typer.BadParameter("People are written to a .parquet or .csv file.", param_hint="--out")
    if out_file is not None and not out_file.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {str(out_file.parent)!r}.", param_hint="--out")
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    look = Look("scope", {"case": case, "out": None if out_file is None else out_file.name})
    with reopen(found, look, engine=chosen_engine(engine, found)) as inspected:
        checkpoint = inspected.inspection.checkpoint
        shown = pick(inspected.inspection.cases, case)
        rows = inspected.people(shown.id, out_file) if out_file is not None else None
    if as_json:
        out.document(
            {
                "checkpoint": checkpoint,
                "case": shown.id,
                "scope": shown.scope,
                "coverage": shown.coverage,
                "notes": shown.notes,
                "out": None if out_file is None else str(out_file),
                "rows": rows,
            }
        )
        return NOTHING
    out.answer.print(inert(f"{shown.id}: {shown.title}", "bold"))
    indented(out.answer, "", counters(shown.scope), "", possible_lines(shown.scope.possible), "")
    indented(out.answer, hole_lines(shown.coverage.holes, "during this case"))
    indented(out.answer, *(inert(f"note  {note}") for note in shown.notes))
    if rows is not None:
        indented(out.answer, "", inert(f"{count(rows, 'person')} written to {out_file}"))
    return NOTHING
