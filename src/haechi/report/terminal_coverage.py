"""What cannot be known, and which rules could not look: holes in the evidence, rules that did not run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.model.values import Coverage, Hole, RuleRun
from haechi.report.figures import count, moment, zone_name
from haechi.report.layout import indented, section
from haechi.report.safe import inert

HOLES_SHOWN = 6


def hole_lines(holes: Sequence[Hole], when: str = "", shown: int = HOLES_SHOWN) -> list[Text]:
    """Holes as sentences, the longest first; or the sentence that there are none."""
    when = f" {when}" if when else ""
    if not holes:
        return [Text(f"Coverage: no hole in the evidence was found{when}.")]
    lines = [Text(f"Coverage: the evidence has {count(len(holes), 'hole')}{when}.", style="yellow")]
    lines += [Text.assemble("  - ", inert(hole.sentence)) for hole in _longest(holes)[:shown]]
    if len(holes) > shown:
        lines.append(Text(f"  - and {count(len(holes) - shown, 'more hole')}; haechi coverage lists all."))
    return lines


def print_coverage(coverage: Coverage, console: Console) -> None:
    """Print the holes of all sources."""
    section(console, "What cannot be known")
    indented(console, *hole_lines(coverage.holes))


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
    section(console, "What was looked for")
    ran = [_ran(run) for run in runs if run.ran]
    if ran:
        indented(console, Text.assemble(f"{count(len(ran), 'rule')} ran: ", Text(", ").join(ran), "."))
    for run in runs:
        if not run.ran:
            why = inert(run.reason or "no reason was given")
            indented(console, Text.assemble(("not looked at", "yellow"), "  ", inert(run.rule), ": ", why))
        elif run.reason:
            indented(
                console, Text.assemble(("note", "yellow"), "  ", inert(run.rule), ": ", inert(run.reason))
            )


def _ran(run: RuleRun) -> Text:
    found = f" ({count(run.findings, 'finding')})" if run.findings else ""
    return Text.assemble(inert(run.rule), found)


def _longest(holes: Sequence[Hole]) -> list[Hole]:
    def length(hole: Hole) -> float:
        return (hole.last - hole.first).total_seconds() if hole.first and hole.last else 0.0

    return sorted(holes, key=lambda hole: (-length(hole), -(hole.missing or 0), hole.source))
