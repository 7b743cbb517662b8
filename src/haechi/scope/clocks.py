"""Clocks: times that cannot be right, records without a time, and clocks that were set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from haechi.model.times import moment
from haechi.model.values import Hole
from haechi.scope import say
from haechi.scope.queries import query
from haechi.store.interface import Engine
from haechi.store.leaves import ClockLeaf

BACK = 3_600_000_000  # microseconds by which a time must fall to be told: summer time ends within it


def clock_holes(engine: Engine, table: str, earliest: datetime, latest: datetime) -> list[Hole]:
    """What is wrong with the clocks of a table's sources. Needs `coverage_pulse`."""
    holes: list[Hole] = []
    for source, wrong, timeless, first, last in engine.rows(query("clock")):
        if wrong:
            holes.append(_wrong(source, wrong, first, last, table))
        if timeless:
            holes.append(_timeless(source, timeless, table))
    bounds = {"earliest": earliest, "latest": latest, "back": BACK}
    for statement in query("stretches").format(table=table).split(";\n"):
        engine.execute(statement, bounds)
    if engine.rows("SELECT 1 FROM coverage_stretch LIMIT 1"):
        found = engine.rows(query("backwards").format(table=table), bounds)
        holes += [_set_back(table, *row) for row in found]
    return holes


def put_right(clocks: Sequence[ClockLeaf]) -> list[Hole]:
    """Clocks of the collecting machine that were set back, and that somebody said are right (`--accept-clock`)."""
    return [_put_right(leaf) for leaf in clocks]


def _put_right(leaf: ClockLeaf) -> Hole:
    first, last = moment(leaf.at), moment(leaf.newest)
    by = f" by {say.length(last - first)}" if first and last else ""
    when = f", from {last:%Y-%m-%d %H:%M} to {first:%Y-%m-%d %H:%M} UTC" if first and last else ""
    sentence = (
        f"The clock of the collecting machine was set back{by}{when}; {leaf.by} accepted that. No record is missing "
        "for it, but when the entries before were written, and what expired by it, rests on a wrong clock."
    )
    return Hole("", "clock", first, last, 0, sentence, "", 0)


def _timeless(source: str, records: int, table: str) -> Hole:
    told = "1 record" if records == 1 else f"{records:,} records"
    carry = "carries" if records == 1 else "carry"
    sentence = f"{told} of {source} {carry} no time: when they happened is not known."
    return Hole(source, "clock", None, None, None, sentence, table, records)


def _wrong(source: str, records: int, first: datetime | None, last: datetime | None, table: str) -> Hole:
    told = "1 record" if records == 1 else f"{records:,} records"
    when = f" ({first:%Y-%m-%d} to {last:%Y-%m-%d})" if first and last else ""
    sentence = f"{told} of {source} with a time that cannot be right{when}: when they happened is not known."
    return Hole(
        source, "clock", first and say.utc(first), last and say.utc(last), None, sentence, table, records
    )


def _set_back(
    table: str, source: str, node: str, times: int, most: int, first: datetime, last: datetime
) -> Hole:
    who = f"{source} ({node})" if node else source
    size = say.length(timedelta(microseconds=most))
    how = f"by {size}" if times == 1 else f"{times:,} times, by up to {size}"
    sentence = (
        f"The clock of {who} runs back {how}, {say.span(first, last)}: no record is missing for it, "
        "but which of them came first cannot be told from their times."
    )
    return Hole(source, "clock", say.utc(first), say.utc(last), 0, sentence, table, 0)
