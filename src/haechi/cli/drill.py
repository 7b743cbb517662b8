"""`haechi drill`: play a real incident in a made-up world, and score what was found against the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from haechi.cli.drill_result import print_drill
from haechi.cli.options import NOTHING, AsJson
from haechi.cli.output import Output
from haechi.drill.make import SMALLEST
from haechi.drill.make import make as make_world
from haechi.drill.run import list_drills
from haechi.drill.run import run as run_drill
from haechi.report.figures import count
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.workspace.problems import did_you_mean

app = typer.Typer(no_args_is_help=True, help="Play real incidents in made-up worlds, and score the answer.")

Name = Annotated[str, typer.Argument(metavar="DRILL", help="A drill's name; haechi drill list names them.")]
Scale = Annotated[
    float,
    typer.Option(
        "--scale",
        metavar="SHARE",
        min=SMALLEST,
        max=1,
        help="Size of the world: 1 is the incident as it was, 0.00001 the smallest.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="The same seed makes the same world.")]
Honest = Annotated[
    float, typer.Option("--honest", metavar="N", min=0, help="Honest requests for each bad one.")
]


@app.command("list")
def list_all(as_json: AsJson = False) -> int:
    """List the drills."""
    out = Output.open(as_json)
    drills = list_drills()
    if as_json:
        out.document({"drills": drills})
        return NOTHING
    table = Table.grid(padding=(0, 2))
    for drill in drills:
        table.add_row(inert(drill.name, "cyan"), inert(drill.title))
    out.answer.print(table)
    return NOTHING


@app.command("make")
def make(
    name: Name,
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.")],
    scale: Scale = 0.001,
    seed: Seed = 1,
    honest: Honest = 1.0,
    as_json: AsJson = False,
) -> int:
    """Make a drill's world: logs and papers to inspect, and the truth in a folder of its own."""
    _check_name(name)
    out = Output.open(as_json)
    made = make_world(name, folder, scale=scale, seed=seed, honest=honest)
    if as_json:
        out.document({"inspect": str(made.inspect), "truth": str(made.truth), "records": made.records})
        return NOTHING
    access = count(made.records.get("access", 0), "access record")
    indented(out.answer, inert(f"{access} written to {made.inspect}, the truth to {made.truth}"))
    indented(out.answer, inert(f"Next: haechi inspect --workspace {made.inspect}"))
    return NOTHING


@app.command("run")
def run(
    name: Name,
    scale: Scale = 0.001,
    seed: Seed = 1,
    honest: Honest = 1.0,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the world in this folder.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make a drill's world, inspect it as anybody's logs would be, and score the answer against the truth."""
    _check_name(name)
    out = Output.open(as_json)
    with out.progress() as progress:
        result = run_drill(name, scale=scale, seed=seed, honest=honest, keep=keep, progress=progress)
    if as_json:
        out.document(result)
    else:
        print_drill(result, out.answer)
    return NOTHING


def _check_name(name: str) -> None:
    known = [drill.name for drill in list_drills()]
    if name not in known:
        raise typer.BadParameter(f"There is no drill named {name!r}.{did_you_mean(name, known)}")
