"""What cannot be known, and which rules could not look: holes in the evidence, rules that did not run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from haechi.model.values import Coverage, Hole, RuleRun
from haechi.report.figures import count, moment, zone_name
from haechi.report.safe import inert

HOLES_SHOWN = 6


def hole_lines(holes: Sequence[Hole], when: str = "") -> list[Text]:
    """Holes as sentences, the longest first; or the sentence that there are none."""
    when = f" {when}" if when else ""
    if not holes:
        return [Text(f"Coverage: no hole in the evidence was found{when}.")]
    lines = [Text(f"Coverage: the evidence has {count(len(holes), 'hole')}{when}.", style="yellow")]
    lines += [Text.assemble("  - ", inert(hole.sentence)) for hole in _longest(holes)[:HOLES_SHOWN]]
    if len(holes) > HOLES_SHOWN:
        lines.append(
            Text(f"  - and {count(len(holes) - HOLES_SHOWN, 'more hole')}; haechi coverage lists all.")
        )
    return lines


def print_coverage(coverage: Coverage, console: Console, zone: tzinfo) -> None:
    """Print the holes of all sources."""
    console.print()
    console.print(Text("What cannot be known", style="bold"))
    for line in hole_lines(coverage.holes):
        console.print(Padding(line, (0, 0, 0, 2)))


def print_holes(coverage: Coverage, console: Console, zone: tzinfo) -> None:
    """Print every hole with its bounds, for `haechi coverage`."""
    holes = coverage.holes
    if not holes:
        console.print("No hole in the evidence was found.")
        return
    times = [time for hole in holes for time in (hole.first, hole.last) if time]
    where = f" Times are {zone_name(zone, *times)}." if times else ""
    console.print(Text(f"The evidence has {count(len(holes), 'hole')}.{where}", style="bold yellow"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Source", overflow="fold")
    table.add_column("From", no_wrap=True)
    table.add_column("To", no_wrap=True)
    table.add_column("Missing", justify="right")
    table.add_column("What", overflow="fold", ratio=1)
    for hole in sorted(holes, key=lambda hole: (hole.source, str(hole.first))):
        table.add_row(
            inert(hole.source),
            moment(hole.first, zone) if hole.first else "",
            moment(hole.last, zone) if hole.last else "",
            f"{hole.missing:,}" if hole.missing is not None else "unknown",
            inert(hole.sentence),
        )
    console.print(table)


def print_rules(runs: Sequence[RuleRun], console: Console) -> None:
    """Print which rules ran, and which did not and why."""
    if not runs:
        return
    console.print()
    console.print(Text("What was looked for", style="bold"))
    ran = [run for run in runs if run.ran]
    if ran:
        names = Text(", ").join(
            Text.assemble(inert(run.rule), f" ({count(run.findings, 'finding')})")
            if run.findings
            else inert(run.rule)
            for run in ran
        )
        line = Text.assemble(f"{count(len(ran), 'rule')} ran: ", names, ".")
        console.print(Padding(line, (0, 0, 0, 2)))
    for run in runs:
        if not run.ran:
            line = Text.assemble(("not looked at", "yellow"), "  ", inert(run.rule), ": ", inert(run.reason))
            console.print(Padding(line, (0, 0, 0, 2)))


def _longest(holes: Sequence[Hole]) -> list[Hole]:
    def length(hole: Hole) -> float:
        return (hole.last - hole.first).total_seconds() if hole.first and hole.last else 0.0

    return sorted(holes, key=lambda hole: (-length(hole), -(hole.missing or 0), hole.source))
