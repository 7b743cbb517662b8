"""Coverage: for which times and sources the evidence is whole, and where it has holes (docs/scope.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from haechi.model.settings import CoverageSettings, Settings
from haechi.model.values import Hole, ReadReport
from haechi.model.words import NO_RECORD
from haechi.scope import say
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
_MARGIN = timedelta(days=1)


def find_holes(
    engine: Engine, settings: Settings, read: ReadReport | None = None, now: datetime | None = None
) -> list[Hole]:
    """Where the evidence in the store has holes, in the order of their sources and times.

    `read` tells which files could not be read to their end. `now` is when the newest file was read (UTC): a
    record of more than a day later has a wrong clock. Unknown, it is the time of the newest batch, or the
    present.

    Silences before the first and after the last record of a source are not seen: nothing in the store tells
    whether it existed then.
    """
    latest = _newest(engine, now) + _MARGIN
    holes = _unread(read) + _set_aside(engine)
    for table in ("access", "issuance"):
        width = min(_MINUTE, max(1, _microseconds(settings.coverage)))
        engine.execute(
            query("pulse").format(table=table), {"earliest": EARLIEST, "latest": latest, "width": width}
        )
        holes += _wrong_clocks(engine)
        holes += _silences(engine, settings.coverage)
        holes += sequence_holes(engine, table, width)
    for name in ("pulse", "beat", "rhythm", "hour", "burst", "run", "block", "gap"):
        engine.execute(f"DROP TABLE IF EXISTS coverage_{name}")
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(holes, key=lambda hole: (hole.source, hole.first or never, hole.kind))


def overlapping(holes: Sequence[Hole], first_seen: datetime, last_seen: datetime) -> list[Hole]:
    """The holes that may hide a part of a case: those from a day before it to a day after it.

    A hole without times may lie anywhere, and so may records with a wrong clock: both are always of the case.
    """
    begin, end = utc(first_seen) - _MARGIN, utc(last_seen) + _MARGIN
    return [
        hole
        for hole in holes
        if hole.kind == "clock"
        or ((hole.first is None or utc(hole.first) <= end) and (hole.last is None or utc(hole.last) >= begin))
    ]


def _newest(engine: Engine, now: datetime | None) -> datetime:
    collected = now or engine.rows("SELECT max(collected) FROM batch")[0][0] or datetime.now(UTC)
    return utc(collected).replace(tzinfo=None)


def _microseconds(settings: CoverageSettings) -> int:
    return int(duration(settings.silent_at_least) / timedelta(microseconds=1))


def _unread(read: ReadReport | None) -> list[Hole]:
    return [
        Hole(file.source or file.path, "unreadable", None, None, None, f"{file.path}: {file.problem}")
        for file in (read.sources if read else [])
        if file.problem
    ]


def _set_aside(engine: Engine) -> list[Hole]:
    return [_aside(*row) for row in engine.rows(query("aside"), {"no_record": list(NO_RECORD)})]


def _aside(source: str, lines: int, first: datetime | None, last: datetime | None) -> Hole:
    told = "1 line" if lines == 1 else f"{lines:,} lines"
    sentence = f"{told} of {source} could not be read: set aside."
    return Hole(source, "set_aside", first and utc(first), last and utc(last), lines, sentence)


def _wrong_clocks(engine: Engine) -> list[Hole]:
    holes: list[Hole] = []
    for source, wrong, timeless, first, last in engine.rows(query("clock")):
        if wrong:
            holes.append(_wrong_clock(source, wrong, first, last))
        if timeless:
            holes.append(_timeless(source, timeless))
    return holes


def _timeless(source: str, records: int) -> Hole:
    told = "1 record" if records == 1 else f"{records:,} records"
    carry = "carries" if records == 1 else "carry"
    sentence = f"{told} of {source} {carry} no time: when they happened is not known."
    return Hole(source, "clock", None, None, None, sentence)


def _wrong_clock(source: str, records: int, first: datetime | None, last: datetime | None) -> Hole:
    told = "1 record" if records == 1 else f"{records:,} records"
    when = f" ({first:%Y-%m-%d} to {last:%Y-%m-%d})" if first and last else ""
    sentence = f"{told} of {source} with a time that cannot be right{when}: when they happened is not known."
    return Hole(source, "clock", first and utc(first), last and utc(last), None, sentence)


def _silences(engine: Engine, settings: CoverageSettings) -> list[Hole]:
    for statement in filter(str.strip, query("rhythm").split(";\n")):
        engine.execute(statement, {"few": FEW} if "$few" in statement else None)
    found = engine.rows(
        query("silent"),
        {
            "few": FEW,
            "many": MANY,
            "most": MOST_SILENCES,
            "at_least": _microseconds(settings),
            "factor": settings.silent_factor,
        },
    )
    return [_silence(*row) for row in found]


def _silence(
    source: str, first: datetime, last: datetime, usual: float, expected: float | None, by_week: bool | None
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
    return Hole(source, "silent", utc(first), utc(last), None, sentence + ".")
