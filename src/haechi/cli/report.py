"""`haechi report`: the inspection of a month, a case or a drill as a document."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from haechi.cli.case import CaseId
from haechi.cli.drill_options import Scale, Seed, check_names
from haechi.cli.options import FOUND, NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.cli.report_drill import drill_document
from haechi.drill.run import World, score_folder
from haechi.drill.run import run as run_drill
from haechi.report.document.months import earlier, month_of, starting
from haechi.report.document.words import Words
from haechi.report.document.write import Written, drawn, keep, write_case, write_inspection
from haechi.report.figures import local
from haechi.report.safe import inert
from haechi.workspace.load import Workspace

app = typer.Typer(
    no_args_is_help=True, help="Write the inspection of a month, a case or a drill as a document."
)

SUFFIXES = (".html", ".pdf")
Month = Annotated[
    str, typer.Option("--month", metavar="YYYY-MM", help="The month; without it, the one that ended last.")
]
Language = Annotated[
    str,
    typer.Option(
        "--lang", metavar="LANG", help="en, ko or ja; without it, what [inspection] in haechi.toml says."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The .html or .pdf file to write, for its owner alone."),
]


@app.command("inspection")
def inspection(
    month: Month = "",
    lang: Language = "",
    out_file: Out = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Write the report of a month: what was inspected, what was found, what is unanswered, and whom to ask.

    One HTML file that needs nothing else, or a tagged PDF/A with the same content. Its hash goes into the evidence
    log; haechi verify FILE counts every number again.
    """
    _check_out(out_file)
    found = needed_workspace(workspace)
    zone = zone_of(found)
    today = local(datetime.now(UTC), zone)
    about = month_of(month, zone) if month else earlier(starting(today.year, today.month, zone), 1, zone)
    words = Words.of(lang.lower() or found.settings.inspection.language, zone)
    name = out_file or Path(f"inspection-{about.year}-{about.month:02d}.html")
    return _said(write_inspection(found, about, words, name), found, workspace, Output.open(as_json))


@app.command("case")
def case(
    case: CaseId,
    lang: Language = "",
    out_file: Out = None,
    workspace: WorkspaceDir = None,
    as_json: AsJson = False,
) -> int:
    """Write the report of one case: its timeline, scope, evidence, and how its numbers moved."""
    _check_out(out_file)
    found = needed_workspace(workspace)
    words = Words.of(lang.lower() or found.settings.inspection.language, zone_of(found))
    written = write_case(found, case, words, out_file or Path(f"{case}.html"))
    return _said(written, found, workspace, Output.open(as_json))


@app.command("drill")
def drill(
    drill: Annotated[
        str,
        typer.Argument(
            metavar="DRILL|DIR", help="A drill to play, or a folder that haechi drill make wrote."
        ),
    ],
    scale: Scale = 0.001,
    seed: Seed = 1,
    lang: Language = "",
    out_file: Out = None,
    as_json: AsJson = False,
) -> int:
    """Write the scorecard of a drill: what was found, what was missed, and how late."""
    _check_out(out_file)
    words = Words.of(lang.lower() or "en", UTC)
    out = Output.open(as_json)
    with out.progress() as progress:
        if Path(drill).is_dir():
            result = score_folder(Path(drill) / "inspect", Path(drill) / "truth", progress=progress)
        else:
            check_names(drill)
            result = run_drill(drill, World(scale, seed), progress=progress)
    file = out_file or Path(f"drill-{result.scenario}.html")
    keep(file, drawn("drill", drill_document(result), words, file))
    if as_json:
        out.document({"file": str(file), "scenario": result.scenario, "score": result.score})
    else:
        out.answer.print(inert(f"Written to {file}."))
    return NOTHING


def _check_out(out_file: Path | None) -> None:
    if out_file is None:
        return
    if out_file.suffix.lower() not in SUFFIXES:
        raise typer.BadParameter("A report is written to an .html or .pdf file.", param_hint="--out")
    if not out_file.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {str(out_file.parent)!r}.", param_hint="--out")


def _said(written: Written, workspace: Workspace, folder: Path | None, out: Output) -> int:
    if out.as_json:
        out.document(written)
    else:
        out.answer.print(inert(written.sentence))
        out.answer.print(inert(f"Written to {written.file}; sealed in the evidence log as {written.sha256}."))
        where = f" --workspace {shlex.quote(str(folder))}" if folder else ""
        out.answer.print(inert(f"To check it: haechi verify {shlex.quote(written.file)}{where}"))
    settings = workspace.settings.inspection
    missing = [name for name in ("contact", "inspector") if not getattr(settings, name)]
    if missing:
        out.say(
            f"The report names nobody as {' or '.join(missing)}: write it under [inspection] in haechi.toml."
        )
    return FOUND if written.cases or written.findings else NOTHING
