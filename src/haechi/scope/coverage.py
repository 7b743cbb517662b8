"""Coverage: for which times and sources the evidence is whole, and where it has holes (docs/scope.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from haechi.model.settings import CoverageSettings, Settings
from haechi.model.values import Hole, ReadReport
from haechi.scope import say
from haechi.scope.batches import batch_holes, explained
from haechi.scope.clocks import clock_holes
from haechi.scope.machines import Machine, Pace, machines, paces
from haechi.scope.queries import query
from haechi.scope.say import utc
from haechi.scope.sequence import sequence_holes
from haechi.store.interface import Engine
from haechi.workspace.units import duration

EARLIEST = datetime(2000, 1, 1)  # what says it is older comes from a clock that lost its battery
FEW = 20  # records that must stand on either side of a silence, for it to interrupt anything
MANY = 100  # records that a source needs, for a silence to stand out with no other day to compare with
MOST_SILENCES = 500  # of each source, the longest, that are looked at
_MINUTE = 60_000_000
MARGIN = timedelta(days=1)  # before and after a case, in which a hole may hide a part of it

Spans = Mapping[str, Sequence[tuple[datetime, datetime]]]


@dataclass(frozen=True)
class Survey:
    """The holes of a store, and who wrote its access records when: what bounds are measured by."""

    holes: list[Hole]
    machines: list[Machine] = field(default_factory=list)
    paces: dict[str, Pace] = field(default_factory=dict)  # by source


def find_holes(
    engine: Engine, settings: Settings, read: ReadReport | None = None, now: datetime | None = None
) -> list[Hole]:
    """Where the evidence in the store has holes, in the order of their sources and times: see `survey`."""
    return survey(engine, settings, read, now).holes


def survey(
    engine: Engine, settings: Settings, read: ReadReport | None = None, now: datetime | None = None
) -> Survey:
    """Look for holes in the evidence.

    `read` tells which files could not be read to their end. `now` is when the newest file was read (UTC): a
    record of more than a day later has a wrong clock. Unknown, it is the time of the newest batch, or the
    present.

    Silences before the first and after the last record of a source are not seen: nothing in the store tells
    whether it existed then.
    """
    latest = _newest(engine, now) + MARGIN
    holes = batch_holes(engine, settings, read)
    who: list[Machine] = []
    when: dict[str, Pace] = {}
    width = min(_MINUTE, max(1, _microseconds(settings.coverage)))
    for table in ("access", "issuance"):
        if not engine.rows(f"SELECT 1 FROM {table} LIMIT 1"):
            continue
        engine.execute(
            query("pulse").format(table=table), {"earliest": EARLIEST, "latest": latest, "width": width}
        )
        if table == "access":
            who = machines(engine)
            when = paces(
                engine.rows(
                    "SELECT source, beat, sum(records) FROM coverage_pulse WHERE beat IS NOT NULL GROUP BY ALL"
                ),
                width,
            )
        holes += clock_holes(engine, table, EARLIEST, latest)
        holes += _silences(engine, settings.coverage, table, explained(holes, table))
        holes += sequence_holes(engine, table, width)
    for name in ("pulse", "beat", "rhythm", "hour", "burst", "run", "block", "gap", "wide", "stretch"):
        engine.execute(f"DROP TABLE IF EXISTS coverage_{name}")
    never = datetime.min.replace(tzinfo=UTC)
    holes.sort(key=lambda hole: (hole.source, hole.first or never, hole.kind))
    return Survey(holes, who, when)


def overlapping(holes: Sequence[Hole], first_seen: datetime, last_seen: datetime) -> list[Hole]:
    """The holes that may hide a part of a case: those from a day before it to a day after it.

    A hole without times may lie anywhere, and so may records with a wrong clock: both are always of the case.
    """
    begin, end = utc(first_seen) - MARGIN, utc(last_seen) + MARGIN
    return [
        hole
        for hole in holes
        if (hole.kind == "clock" and hole.missing is None)
        or ((hole.first is None or utc(hole.first) <= end) and (hole.last is None or utc(hole.last) >= begin))
    ]


def _newest(engine: Engine, now: datetime | None) -> datetime:
    collected = now or engine.rows("SELECT max(collected) FROM batch")[0][0] or datetime.now(UTC)
    return utc(collected).replace(tzinfo=None)


def _microseconds(settings: CoverageSettings) -> int:
    return int(duration(settings.silent_at_least) / timedelta(microseconds=1))


def _silences(engine: Engine, settings: CoverageSettings, table: str, gone: Spans) -> list[Hole]:
    for statement in filter(str.strip, query("rhythm").split(";\n")):
        engine.execute(statement, {"few": FEW} if "$few" in statement else None)
    at_least = _microseconds(settings)
    found = engine.rows(
        query("silent"),
        {
            "few": FEW,
            "many": MANY,
            "most": MOST_SILENCES,
            "at_least": at_least,
            "factor": settings.silent_factor,
        },
    )
    holes: list[Hole] = []
    for source, first, last, usual, expected, by_week in found:
        shortest = timedelta(microseconds=max(at_least, settings.silent_factor * usual * 1e6))
        for begin, end in _unexplained(utc(first), utc(last), gone.get(source, ()), shortest):
            share = (end - begin) / (utc(last) - utc(first))
            holes.append(_silence(source, begin, end, usual, expected and expected * share, by_week, table))
    return holes


def _unexplained(
    first: datetime, last: datetime, gone: Sequence[tuple[datetime, datetime]], shortest: timedelta
) -> list[tuple[datetime, datetime]]:
    """What is left of a silence without the times whose records are known to be gone; `gone` is sorted."""
    if not gone:
        return [(first, last)]
    left, at = [], first
    for begin, end in gone:
        if begin > at:
            left.append((at, min(begin, last)))
        at = max(at, end)
    if at < last:
        left.append((at, last))
    return [(begin, end) for begin, end in left if begin < last and end - begin >= shortest]


def _silence(
    source: str,
    first: datetime,
    last: datetime,
    usual: float,
    expected: float | None,
    by_week: bool | None,
    table: str,
) -> Hole:
    sentence = (
        f"{source} was silent from {say.span(first, last)} ({say.length(last - first)}); "
        f"it usually writes {say.every(usual)}"
    )
    if expected is None:
        sentence += "; with about a day of records, a night's rest cannot be told from a hole"
    elif expected >= 1:
        basis = "weeks" if by_week else "days"
        sentence += f", and {expected:,.0f} records or more in these hours of other {basis}"
    return Hole(source, "silent", first, last, None, sentence + ".", table)
