"""`haechi drill score`: score a world that is there, or all drills with many seeds as one table."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from haechi.cli.drill_options import Honest, Mix, Nat, Only, Scale, Without, check_names, left_out
from haechi.cli.drill_result import print_card, print_drill, share
from haechi.cli.options import NOTHING, AsJson
from haechi.cli.output import Output
from haechi.drill.many import Summary, run_many
from haechi.drill.run import DrillResult, World, list_drills, score_folder
from haechi.report.figures import duration
from haechi.report.layout import indented
from haechi.report.safe import inert

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="A folder that haechi drill make wrote, or a workspace with --truth."),
]
Truth = Annotated[
    Path | None, typer.Option("--truth", metavar="DIR", help="The truth; DIR/truth where it is not named.")
]
Every = Annotated[bool, typer.Option("--all", help="Make, inspect and score every drill.")]
Drills = Annotated[
    list[str] | None, typer.Option("--drill", metavar="DRILL", help="Only this drill; repeatable.")
]
Seeds = Annotated[int, typer.Option("--seeds", metavar="N", min=1, help="Seeds 1 to N of each drill.")]


def score(
    folder: Folder = None,
    truth: Truth = None,
    every: Every = False,
    drills: Drills = None,
    seeds: Seeds = 1,
    scale: Scale = 0.0002,
    honest: Honest = 1.0,
    mix: Mix = None,
    without: Without = None,
    only: Only = None,
    nat: Nat = 0,
    as_json: AsJson = False,
) -> int:
    """Inspect a made world and compare with its truth; or, with --all, make and score every drill in one table."""
    if (folder is None) == (not every and not drills):
        raise typer.BadParameter("Name a folder to score, or --all, or a --drill.")
    if folder is not None:
        return _one(folder, truth, as_json)
    world = World(scale, 1, honest, tuple(mix or ()), left_out(without, only), nat)
    names = list(drills or (drill.name for drill in list_drills()))
    check_names(*names, *world.mix)
    return _many(names, world, seeds, as_json)


def _one(folder: Path, truth: Path | None, as_json: bool) -> int:
    workspace = folder / "inspect" if (folder / "inspect").is_dir() else folder
    out = Output.open(as_json)
    with out.progress() as progress:
        result = score_folder(workspace, truth or folder / "truth", progress=progress)
    if as_json:
        out.document(result)
    else:
        print_drill(result, out.answer)
        print_card(result.card, out.answer)
    return NOTHING


def _many(names: list[str], world: World, seeds: int, as_json: bool) -> int:
    out = Output.open(as_json)
    runs: list[DrillResult] = []

    def heard(result: DrillResult) -> None:
        runs.append(result)
        out.aside.print(inert(f"{result.scenario}, seed {result.seed}: {share(result.score.persons_recall)}"))

    summaries = list(run_many(names, world, range(1, seeds + 1), heard))
    if as_json:
        scores = [{"scenario": r.scenario, "seed": r.seed, "score": r.score, "card": r.card} for r in runs]
        out.document({"scale": world.scale, "seeds": seeds, "drills": summaries, "runs": scores})
    else:
        _print(summaries, out.answer)
    return NOTHING


def _print(summaries: list[Summary], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("Drill")
    for heading in ("Persons found", "true", "Requests found", "true", "First after", "False cases"):
        table.add_column(heading, justify="right")
    for one in summaries:
        after = one.seconds_to_detect
        table.add_row(
            inert(one.scenario, "cyan"),
            share(one.persons_recall),
            share(one.persons_precision),
            share(one.requests_recall),
            share(one.requests_precision),
            "-" if after is None else duration(timedelta(seconds=after)),
            f"{one.false_cases:,}",
        )
    console.print(table)
    for one in summaries:
        for phase, requests in one.missed.items():
            indented(console, inert(f"{one.scenario}: {requests:,} requests of {phase!r} are in no case."))
