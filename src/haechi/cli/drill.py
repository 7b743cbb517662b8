"""`haechi drill`: play a real incident in a made-up world, and score what was found against the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from haechi.cli.drill_options import (
    Honest,
    Mix,
    Name,
    Nat,
    Only,
    Scale,
    Seed,
    Until,
    Without,
    check_names,
    day,
    left_out,
)
from haechi.cli.drill_result import print_card, print_drill
from haechi.cli.drill_score import score
from haechi.cli.options import NOTHING, AsJson
from haechi.cli.output import Output
from haechi.drill.make import make as make_world
from haechi.drill.run import World, list_drills
from haechi.drill.run import run as run_drill
from haechi.report.figures import count
from haechi.report.layout import indented
from haechi.report.safe import inert

app = typer.Typer(no_args_is_help=True, help="Play real incidents in made-up worlds, and score the answer.")
app.command("score")(score)


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
    mix: Mix = None,
    without: Without = None,
    only: Only = None,
    nat: Nat = 0,
    until: Until = None,
    as_json: AsJson = False,
) -> int:
    """Make a drill's world: logs and papers to inspect, and the truth in a folder of its own."""
    world = World(scale, seed, honest, tuple(mix or ()), left_out(without, only), nat, day(until))
    check_names(name, *world.mix)
    out = Output.open(as_json)
    made = make_world(name, folder, **world.asked())
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
    mix: Mix = None,
    without: Without = None,
    only: Only = None,
    nat: Nat = 0,
    until: Until = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the world in this folder.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make a drill's world, inspect it as anybody's logs would be, and score the answer against the truth."""
    world = World(scale, seed, honest, tuple(mix or ()), left_out(without, only), nat, day(until))
    check_names(name, *world.mix)
    out = Output.open(as_json)
    with out.progress() as progress:
        result = run_drill(name, world, keep=keep, progress=progress)
    if as_json:
        out.document(result)
    else:
        print_drill(result, out.answer)
        print_card(result.card, out.answer)
    return NOTHING
