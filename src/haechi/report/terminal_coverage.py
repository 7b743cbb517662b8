"""What cannot be known, and which rules could not look: holes in the evidence, rules that did not run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from haechi.model.values import Coverage, Hole, RuleRun
from haechi.report.covered import Covered, SourceHeld
from haechi.report.figures import count, moment, zone_name
from haechi.report.layout import indented, section
from haechi.report.safe import broken, inert

HOLES_SHOWN = 6
NAME = 16  # columns of a source's name, beside which the others fit on 80
WIDE = 110  # columns from which a time fits on one line


def hole_lines(holes: Sequence[Hole], when: str = "", shown: int = HOLES_SHOWN) -> RenderableType:
    """Holes as sentences, the longest first; or the sentence that there are none."""
    when = f" {when}" if when else ""
    if not holes:
        return Text(f"Coverage: no hole in the evidence was found{when}.")
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for hole in _longest(holes)[:shown]:
        table.add_row("  -", inert(cause(hole.sentence)))
    if len(holes) > shown:
        more = count(len(holes) - shown, "more hole")
        table.add_row("  -", f"and {more}: haechi coverage lists all in a workspace, --json always.")
    return Group(
        Text(f"Coverage: the evidence has {count(len(holes), 'hole')}{when}.", style="yellow"), table
    )


def cause(problem: str) -> str:
    """Why something was not read, without the list of formats tried: that stands below, with the file."""
    return problem.partition("; tried: ")[0]


def print_coverage(coverage: Coverage, console: Console) -> None:
    """Print the holes of all sources."""
    section(console, "What cannot be known")
    indented(console, hole_lines(coverage.holes))


def print_covered(covered: Covered, console: Console, zone: tzinfo) -> None:
    """Print what the store holds by source, and every hole, for `haechi coverage`. Times in `zone`."""
    times = [time for held in covered.sources for time in (held.first, held.last) if time]
    times += [time for hole in covered.holes for time in (hole.first, hole.last) if time]
    found = (
        f"The evidence has {count(len(covered.holes), 'hole')}." if covered.holes else "No hole was found."
    )
    console.print(Text(found if covered.sources else "Nothing was collected yet.", style="bold"))
    if times:
        name = zone_name(zone, *times)
        told = "." if name == "UTC" else "; in sentences they are UTC, and say so."
        console.print(Text(f"Times in tables are {name}{told}"))
    if covered.sources:
        section(console, "What the store holds")
        indented(console, _held(covered.sources, zone, console.width < WIDE))
    if covered.holes:
        section(console, "Holes")
        indented(console, _holes(covered.holes, zone, console.width < WIDE))
    section(console, "Not looked at")
    before_after = "Before a source's first and after its last record: nothing tells whether it existed then."
    indented(console, Text(before_after))


def _held(sources: Sequence[SourceHeld], zone: tzinfo, narrow: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("Source", no_wrap=True)
    table.add_column("Table", no_wrap=True)
    gone = any(held.gone for held in sources)
    for title in ("Files", "Stored", "Set aside", *(["Gone"] if gone else [])):
        table.add_column(title, no_wrap=True, justify="right")
    for title in ("First", "Last"):
        table.add_column(title, no_wrap=True)
    for held in sources:
        numbers = [held.files, held.records - held.gone, held.set_aside, *([held.gone] if gone else [])]
        told = (f"{number:,}" for number in numbers)
        times = _time(held.first, zone, narrow), _time(held.last, zone, narrow)
        table.add_row(Text(broken(held.source, NAME)), inert(held.table), *told, *times)
    return table


def _holes(holes: Sequence[Hole], zone: tzinfo, narrow: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Kind", "From", "To"):
        table.add_column(title, no_wrap=True)
    table.add_column("Missing", no_wrap=True, justify="right")
    table.add_column("What", overflow="fold")
    for hole in holes:
        missing = "unknown" if hole.missing is None else f"{hole.missing:,}"
        kind = inert(hole.kind.replace("_", " "))
        times = _time(hole.first, zone, narrow), _time(hole.last, zone, narrow)
        table.add_row(kind, *times, missing, inert(hole.sentence))
    return table


def _time(time: datetime | None, zone: tzinfo, narrow: bool) -> str:
    told = moment(time, zone) if time else "-"
    return told.replace(" ", "\n") if narrow else told


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
