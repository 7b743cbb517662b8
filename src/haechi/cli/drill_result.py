"""A drill's result for a person: what was found, and how it compares with what really happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.drill.card import Card
from haechi.drill.run import DrillResult
from haechi.drill.score import Score
from haechi.report.figures import count, duration
from haechi.report.layout import indented, section
from haechi.report.safe import inert


def print_drill(result: DrillResult, console: Console) -> None:
    """Print the score first, then the cases that were found."""
    score = result.score
    right = min(
        score.persons_recall, score.persons_precision, score.requests_recall, score.requests_precision
    )
    exact = right == 1.0 and not score.false_cases
    told = "found exactly" if exact else "not found exactly"
    console.print(inert(f"{result.scenario}: {told}", "bold green" if exact else "bold red"))
    records = count(result.records.get("access", 0), "access record")
    indented(console, Text(f"Scale {result.scale:g}, seed {result.seed}, {records}."))
    section(console, "Score")
    indented(console, _score(score))
    section(console, "Cases")
    cases: list[dict[str, Any]] = result.found["cases"]
    indented(console, *(inert(f"{case['id']}  {case['sentence'] or case['title']}") for case in cases))
    if not cases:
        indented(console, "No case was found.")


def _score(score: Score) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("Found of what was there", justify="right")
    table.add_column("True of what was said", justify="right")
    table.add_row("Persons", share(score.persons_recall), share(score.persons_precision))
    table.add_row("Requests", share(score.requests_recall), share(score.requests_precision))
    seconds = score.seconds_to_detect
    after = "never" if seconds is None else duration(timedelta(seconds=seconds))
    exposed = count(score.persons_exposed_at_detection, "person")
    table.add_row("First bad request flagged after", after, f"{exposed} exposed by then")
    table.add_row("False cases", f"{score.false_cases:,}", "")
    return table


def share(part: float) -> str:
    """A share in percent, never rounded up to a whole that it is not."""
    return "100 %" if part == 1.0 else f"{min(part * 100, 99.999):.3f} %"


def print_card(card: Card, console: Console) -> None:
    """Print what was missed, phase by phase, and which rules could not run."""
    section(console, "Phases")
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("Drill")
    table.add_column("Phase")
    for heading in ("Requests", "in no case", "First seen after"):
        table.add_column(heading, justify="right")
    for one in card.phases:
        seconds = None if one.found_us is None else (one.found_us - one.first_us) / 1_000_000
        after = "never" if seconds is None else duration(timedelta(seconds=seconds))
        table.add_row(inert(one.scenario), inert(one.phase), f"{one.requests:,}", f"{one.missed:,}", after)
    indented(console, table if card.phases else "There was nothing to find.")
    if card.not_run:
        section(console, "Rules that could not run")
        indented(console, *(inert(f"{rule}: {reason}") for rule, reason in card.not_run.items()))
