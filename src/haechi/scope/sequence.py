"""Holes in the numbers that a machine gives its own records: the surest sign that one is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from haechi.model.values import Hole
from haechi.scope import say
from haechi.scope.queries import query
from haechi.store.interface import Engine

LOOSE = 1_000  # numbers by which records may come out of order without the count having begun again
LISTED = 20  # gaps of a node that are told one by one
IMPLAUSIBLE = 10  # times the node's busiest pace: a gap that it cannot have written is a count set anew


@dataclass(frozen=True)
class Gap:
    """A row of gap_list.sql: numbers between `before` and `after` that no record carries."""

    source: str
    node: str
    gaps: int  # how many gaps the row stands for
    missing: int
    before: int
    after: int
    peak: int  # the most records that the node wrote in a beat
    first: datetime
    last: datetime


def sequence_holes(engine: Engine, table: str, width: int) -> list[Hole]:
    """Gaps, restarts and repetitions of `node_seq` in a table, by source and node.

    Needs `coverage_pulse` with beats of `width` microseconds. A count that begins again starts a new run,
    and gaps are looked for within each run: it is never taken for the loss of all numbers between.
    """
    if not engine.rows("SELECT 1 FROM coverage_pulse WHERE numbered > 0 LIMIT 1"):
        return []
    engine.execute(query("runs"), {"loose": LOOSE})
    engine.execute(query("blocks").format(table=table), {"width": width})
    holes = [_recounted(table, *row) for row in engine.rows(query("recounted"))]
    engine.execute(query("gaps"))
    if engine.rows("SELECT 1 FROM coverage_gap LIMIT 1"):
        found = engine.rows(query("gap_list").format(table=table), {"listed": LISTED})
        holes += [_gap(Gap(*row), width, table) for row in found]
    return holes


def _gap(gap: Gap, width: int, table: str) -> Hole:
    who, when = _who(gap.source, gap.node), say.span(gap.first, gap.last)
    beats = (gap.last - gap.first).total_seconds() * 1e6 / width + 2
    missing: int | None = gap.missing
    if gap.gaps > 1:
        sentence = f"{gap.missing:,} more records of {who} are missing in {gap.gaps:,} smaller gaps, {when}."
    elif gap.missing > LOOSE + IMPLAUSIBLE * gap.peak * beats:
        # More than the machine can have written in that time: nothing is known of how many.
        missing = None
        sentence = (
            f"The own count of {who} jumps from {gap.before:,} to {gap.after:,}, {when}: "
            "it was set anew, or records are missing; how many cannot be told."
        )
    elif gap.missing == 1:
        sentence = f"1 record of {who} is missing, {when} (number {gap.before + 1:,} of its own count)."
    else:
        numbers = f"numbers {gap.before + 1:,} to {gap.after - 1:,}"
        sentence = f"{gap.missing:,} records of {who} are missing, {when} ({numbers} of its own count)."
    return _hole(gap.source, gap.first, gap.last, missing, sentence, table)


def _recounted(
    table: str, source: str, node: str, what: str, times: int, first: datetime | None, last: datetime | None
) -> Hole:
    who = _who(source, node)
    when = f", {say.span(first, last)}" if first and last else ""
    if what == "restart":
        again = "again" if times == 1 else f"again {times:,} times"
        sentence = f"{who} began its own count {again}{when}: what was lost just before then cannot be told."
        return _hole(source, first, last, None, sentence, table)
    carry = "1 record carries" if times == 1 else f"{times:,} records carry"
    sentence = (
        f"{carry} a number of the own count of {who} that another one has{when}: "
        "records came twice, the count began again, or two machines share the name. None is missing for it."
    )
    return _hole(source, first, last, 0, sentence, table)


def _who(source: str, node: str) -> str:
    return f"{source} ({node})" if node else source


def _hole(
    source: str,
    first: datetime | None,
    last: datetime | None,
    missing: int | None,
    sentence: str,
    table: str,
) -> Hole:
    begin, end = first and say.utc(first), last and say.utc(last)
    # A record missing in a count is one record: what the gap can hide is what is missing.
    return Hole(source, "sequence_gap", begin, end, missing, sentence, table, missing)
