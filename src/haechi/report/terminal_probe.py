"""Probes on a terminal: what was answered, and what is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.identity.ask import Result
from haechi.identity.rounds import Planned
from haechi.model.words import FactState
from haechi.report.figures import count, local
from haechi.report.safe import inert, middle

STYLES: Final[dict[FactState, str]] = {"alive": "bold red", "unknown": "yellow", "dead": "green"}
_NAME: Final = 32  # columns of a name, beside which the others fit on 80
WIDE: Final = 110  # columns from which kinds fit beside them


def print_results(results: Sequence[Result], console: Console) -> None:
    """Each answer with its evidence; what is not dead comes first."""
    order = list(STYLES)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for result in sorted(results, key=lambda result: order.index(result.state)):
        head = f"{result.name} ({result.kind} at {result.system})"
        table.add_row(Text(result.state.upper(), STYLES[result.state]), inert(head, "bold"))
        table.add_row("", inert(result.evidence))
    console.print(Text(_summary(results), style="bold"))
    if results:
        console.print(table)
    if bugs := [result for result in results if result.bug]:
        console.print(
            Text(f"{count(len(bugs), 'probe')} failed through an error in Haechi itself.", "bold red")
        )
        console.print(Text("HAECHI_DEBUG=1 shows where it happened."))


def _summary(results: Sequence[Result]) -> str:
    states = Counter(result.state for result in results)
    parts = [f"{states[state]} {state.upper()}" for state in STYLES if states[state]]
    return f"{count(len(results), 'probe')}: {', '.join(parts)}." if results else "No probe was to be asked."


def print_planned(plans: Sequence[Planned], console: Console, zone: tzinfo) -> None:
    """All probes with their last answers. Times in `zone`."""
    if not plans:
        console.print("haechi.toml names no probe ([[probe]]), and no obituary token is kept.")
        return
    wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in ("Probe", *(["Kind"] if wide else []), "Last", "Asked", "Next"):
        table.add_column(title, no_wrap=True)
    for plan in plans:
        last, probe = plan.last, plan.question.probe
        table.add_row(
            middle(probe.name, _NAME),
            *([inert(probe.kind)] if wide else []),
            Text(last.state.upper(), STYLES[last.state]) if last else Text("-"),
            _minute(last.asked, zone) if last else "never",
            _minute(plan.next, zone) if plan.next else "next run",
        )
    console.print(table)


def _minute(time: datetime, zone: tzinfo) -> str:
    return f"{local(time, zone):%Y-%m-%d %H:%M}"
