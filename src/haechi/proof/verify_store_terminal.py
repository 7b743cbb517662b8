"""A verification on a terminal: the verdict in one sentence, then only what is wrong, then the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.proof.verdict import Verdict, worst_first
from haechi.report.figures import count
from haechi.report.safe import inert

SHOWN: Final = 20  # lines of what is wrong
OF_ONE: Final = 4  # lines about one thing
BESIDE: Final = 5  # lines of what could not be checked, and of notes
_THINGS: Final = {
    "entries": "entry",
    "batches": "batch",
    "records": "record",
    "set_aside": "set-aside line",
    "expired_batches": "expired batch",
    "erased_records": "erased record",
    "compactions": "compaction",
}
_STYLES: Final = {"unknown": "yellow", "note": "dim"}


def print_verified(
    sentence: str, whole: bool, verdicts: Sequence[Verdict], counts: Mapping[str, int], console: Console
) -> None:
    """Print the answer. Every verdict is in the JSON document; here is what a person must know."""
    console.print(inert(sentence, "bold green" if whole else "bold red"))
    wrong = [verdict for verdict in worst_first(verdicts) if verdict.bad]
    beside = [verdict for verdict in worst_first(verdicts) if verdict.state in ("unknown", "note")]
    _print(wrong, SHOWN, console)
    _print(beside, BESIDE, console)
    fitting = sum(1 for verdict in verdicts if verdict.state == "whole")
    told = [count(fitting, "thing") + " whole"]
    told += [count(number, _THINGS.get(name, name)) for name, number in counts.items() if number]
    console.print(inert("; ".join(told) + ".", "dim"))


def _print(verdicts: Sequence[Verdict], most: int, console: Console) -> None:
    lines = list(_grouped(verdicts))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for state, text in lines[:most]:
        table.add_row(Text(f"  {state}", _STYLES.get(state, "red")), text)
    if len(lines) > most:
        table.add_row("", f"and {len(lines) - most:,} more lines: --json tells all")
    if lines:
        console.print(table)


def _grouped(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, Text]]:
    """One line a verdict; of many about one thing, or with one sentence, the first few, and how many more."""
    alike: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        alike.setdefault((verdict.state, verdict.sentence), []).append(verdict)
    firsts = [verdict for verdict in verdicts if alike[verdict.state, verdict.sentence][0] is verdict]
    for (state, thing), group in groupby(firsts, lambda verdict: (verdict.state, verdict.thing)):
        found = list(group)
        for verdict in found[:OF_ONE]:
            where = f" [{verdict.where}]" if verdict.where else ""
            others = len(alike[verdict.state, verdict.sentence]) - 1
            also = f" and {others:,} more" if others else ""
            yield state, inert(f"{thing}{also}: {verdict.sentence}{where}")
        if len(found) > OF_ONE:
            units = sum(verdict.count for verdict in found[OF_ONE:])
            yield state, inert(f"{thing}: {len(found) - OF_ONE:,} more of this kind ({units:,} in all)")
