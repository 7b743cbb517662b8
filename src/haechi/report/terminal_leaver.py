"""Leavers on a terminal: a line for each way in, the worst first, and what tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from haechi.identity.gather import Gathered
from haechi.identity.leaver_values import Item, Leaver, LeaverCheck
from haechi.model.words import FactState
from haechi.report.figures import count, day, duration, moment
from haechi.report.layout import indented
from haechi.report.safe import inert, middle, safe

STYLES: Final[dict[FactState, str]] = {"alive": "bold red", "unknown": "yellow", "dead": "green"}
_TITLES: Final = {
    "account": "Accounts",
    "session": "Sessions",
    "grant": "Rights",
    "secret": "Secrets that could be read",
}
_NAME: Final = 34  # columns of a name, beside which the others fit on 80
_SYSTEM: Final = 14
_ACCOUNT: Final = 12
_FINGERPRINT: Final = "SHA256:"  # of an SSH key
_LISTED: Final = 3  # pieces of evidence shown of each; all stand in --json


def print_check(found: LeaverCheck, console: Console, zone: tzinfo, everything: bool = False) -> None:
    """Every person with what must be dead. `everything`: evidence also of what is dead."""
    console.print(Text(headline(found), style="bold"))
    for person in found.people:
        _person(person, found.at, console, zone, everything)
    if not everything and (line := _dead(found)):
        console.print()
        console.print(Text(line))
    if found.not_looked_at:
        console.print()
        console.print(Text("Not looked at", style="bold"))
        indented(console, *(inert(line) for line in found.not_looked_at))
    if found.people:
        console.print()
        console.print(
            Text(f"Times are in {zone}. As known at {moment(found.at, zone)}, checkpoint ", "dim")
            + inert(_short(found.checkpoint), "dim")
        )


def headline(found: LeaverCheck) -> str:
    """The answer in one sentence."""
    if not found.people:
        return "Nobody is known to have left."
    counts = found.counts
    total = sum(counts.values())
    who = (
        count(len(found.people), "leaver" if found.left else "person")
        if len(found.people) > 1
        else _who(found.people[0])
    )
    if not total:
        return f"{who}: no way in is known. That is not the same as none."
    parts = [f"{counts[state]:,} {state.upper()}" for state in STYLES if counts[state]]
    if not found.left:
        has = "have" if len(found.people) > 1 else "has"
        they = (
            "nobody of them has left" if len(found.people) > 1 else "nothing must be dead before they leave"
        )
        return f"{who} {has} {count(total, 'way')} in; {they}."
    must = "must be dead" if all(person.told for person in found.left) else "known"
    return f"{who}: {count(total, 'way')} in {must}; {', '.join(parts)}."


def _dead(found: LeaverCheck) -> str:
    """That more is known of what is dead than its line shows, lateness above all. Empty where nothing is dead."""
    dead = [item for person in found.people for item in person.items if item.state == "dead"]
    late = sum(1 for item in dead if item.late_s)
    if not dead:
        return ""
    were = "is" if len(dead) == 1 else "are"
    if not late:
        return f"{len(dead):,} {were} dead; --all shows what tells it."
    return f"{len(dead):,} {were} dead, {late:,} of them later than it had to be; --all shows by how much."


def _who(person: Leaver) -> str:
    return safe(person.person)


def _person(person: Leaver, at: datetime, console: Console, zone: tzinfo, everything: bool) -> None:
    console.print()
    title = inert(person.person, "bold")
    accounts = [name for name in person.accounts if name != person.person]
    if accounts:
        title.append(f" ({safe(', '.join(accounts))})")
    left = (
        " is on no list of people: whether they left is not known" if not person.told else " is still there"
    )
    if person.departed:
        left = f" {'leaves' if person.stays(at) else 'left'} on {day(person.departed, zone)}"
    by = next((item.by for item in person.items if item.by), None)
    title.append(f"{left}; everything must be dead by {moment(by, zone)}" if by else left)
    console.print(title)
    for sort, heading in _TITLES.items():
        items = [item for item in person.items if item.sort == sort]
        if items:
            indented(console, "", Text(heading, style="dim"))
            indented(console, _matrix(items, zone, everything))
    if not person.items:
        indented(console, Text("Nothing is known of any account, right or secret.", "yellow"))


def _matrix(items: Sequence[Item], zone: tzinfo, everything: bool) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(no_wrap=True)
    outer = Table.grid()
    outer.add_column()
    for item in items:
        line = Table.grid(padding=(0, 2, 0, 0))
        line.add_column(width=7, no_wrap=True)
        line.add_column(width=_NAME, no_wrap=True)
        line.add_column(width=_SYSTEM, no_wrap=True)
        line.add_column(no_wrap=True)
        beside = _beside(item)
        line.add_row(
            Text(item.state.upper(), STYLES[item.state]),
            middle(item.name, _NAME - cell_len(beside)) + beside,
            middle(item.system or "-", _SYSTEM),
            _when(item, zone),
        )
        outer.add_row(line)
        if item.state != "dead" or everything:
            told = Table.grid(padding=(0, 0, 0, 0))
            told.add_column(width=9)
            told.add_column(overflow="fold")
            for sentence in _sentences(item, zone):
                told.add_row("", inert(sentence))
            outer.add_row(told)
    return outer


def _beside(item: Item) -> str:
    """What stands behind the name: the version of a secret; the account into which a key lets, being but a number."""
    if item.version:
        return safe(f" version {item.version}")
    if item.name.startswith(_FINGERPRINT) and item.account:
        return f" of {middle(item.account, _ACCOUNT)}"
    return ""


def _when(item: Item, zone: tzinfo) -> str:
    if item.state == "dead":
        return f"since {day(item.gone, zone)}" if item.gone else ""
    return f"seen {day(item.seen, zone)}" if item.seen else "never seen"


def _sentences(item: Item, zone: tzinfo) -> Iterator[str]:
    """Why, what tells that the person had it, and how late it is."""
    yield item.why
    if item.sort == "secret":
        for evidence in item.had[:_LISTED]:
            when = f"{moment(evidence.time, zone)} " if evidence.time else ""
            yield f"had it: {when}{evidence.text}"
        if len(item.had) > _LISTED:
            yield f"and {len(item.had) - _LISTED} more that tell so"
    if item.kids:
        yield f"signs as {', '.join(item.kids)}"
    if item.late_s:
        yield f"late by {duration(timedelta(seconds=item.late_s))}"


def _short(checkpoint: str) -> str:
    parts = checkpoint.split(" ")
    return f"{parts[1]} ({parts[2][:12]})" if len(parts) == 3 else checkpoint


def print_gathered(found: Sequence[Gathered], console: Console) -> None:
    """What each system said."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for system in found:
        if system.problem:
            words = inert(f"not asked: {system.problem}", "yellow")
        else:
            whole = (
                f"; listed whole: {', '.join(system.listed)}" if system.listed else "; nothing listed whole"
            )
            words = inert(f"{count(system.facts, 'fact')}{whole}")
        table.add_row(inert(system.system, "bold"), inert(system.kind), words)
    console.print(table)
