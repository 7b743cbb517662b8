"""Holes that the store itself tells of: batches that are gone, rows removed, lines that were never records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from haechi.model.settings import Settings
from haechi.model.times import moment
from haechi.model.values import Hole, ReadReport
from haechi.model.words import NO_RECORD
from haechi.scope import say
from haechi.scope.queries import query
from haechi.store.interface import Engine

LONG = 8192  # bytes: a longer stretch that was set aside may hold more than one record


def batch_holes(engine: Engine, settings: Settings, read: ReadReport | None) -> list[Hole]:
    """All holes that need no look at the records: the account of files, batches and lines."""
    return [
        *_unread(engine, read),
        *_never_collected(engine, settings, read),
        *(_gone(*row) for row in engine.rows(query("gone"))),
        *(_erased(*row) for row in engine.rows(query("erased"))),
        *(_unsealed(*row) for row in engine.rows(query("unsealed"))),
        *(_aside(*row) for row in engine.rows(query("aside"), {"no_record": list(NO_RECORD)})),
    ]


def _unread(engine: Engine, read: ReadReport | None) -> list[Hole]:
    """Files not read to their end: now, or when they were last read. What is unread follows on the last record."""
    rows = engine.rows("SELECT table_name, source, path, problem, last_time FROM batch WHERE problem <> ''")
    known = {(row[1], row[2]) for row in rows}
    holes = [
        Hole(source, "unreadable", last and say.utc(last), None, None, f"{path}: {problem}", table)
        for table, source, path, problem, last in rows
    ]
    return holes + [
        Hole(
            file.source or file.path,
            "unreadable",
            None,
            None,
            None,
            f"{file.path}: {file.problem}",
            file.table,
        )
        for file in (read.sources if read else [])
        if file.problem and (file.source, file.path) not in known
    ]


def _never_collected(engine: Engine, settings: Settings, read: ReadReport | None) -> list[Hole]:
    """Sources of access or issuance records that haechi.toml names and of which the log holds nothing."""
    told = {row[0] for row in engine.rows("SELECT DISTINCT source FROM batch")}
    told |= {file.source for file in (read.sources if read else []) if file.problem}
    return [
        Hole(
            source.name,
            "silent",
            None,
            None,
            None,
            f"Nothing of {source.name} was collected, though haechi.toml names it.",
            source.table,
        )
        for source in settings.sources
        if told and source.name not in told and source.table in ("access", "issuance")
    ]


def _gone(
    table: str,
    source: str,
    gone: str,
    batches: int,
    records: int,
    set_aside: int,
    bytes_sent: int | None,
    first_us: int | None,
    last_us: int | None,
) -> Hole:
    first, last = moment(first_us), moment(last_us)
    what = f"{_counted(records, 'record')}{_when(first, last)}"
    if set_aside:
        what += f", and {_counted(set_aside, 'line')} that could not be read"
    some = "1 batch" if batches == 1 else f"{batches:,} batches"
    if gone == "expired":
        sentence = f"The retention of {some} of {source} ended: {what}."
    else:
        be, were = ("is", "it was") if batches == 1 else ("are", "they were")
        sentence = (
            f"{some} of {source} {be} not in the store, though the log says that {were} written: {what}."
        )
    # Nothing sent is what a log without sizes looks like too.
    sent = bytes_sent or None
    return Hole(source, gone, first, last, records, sentence, table, records + set_aside, sent)


def _erased(table: str, source: str, records: int, first_us: int | None, last_us: int | None) -> Hole:
    first, last = moment(first_us), moment(last_us)
    was = "was" if records == 1 else "were"
    sentence = (
        f"{_counted(records, 'record')} of {source} {was} removed with the key of the person"
        f"{_when(first, last, ', from batches of ')}."
    )
    return Hole(source, "erased", first, last, records, sentence, table, records)


def _unsealed(
    table: str, source: str, before: int, after: int, first_us: int | None, last_us: int | None
) -> Hole:
    first, last = moment(first_us), moment(last_us)
    units = after - before - 1
    between = _when(first, last) if first and last and first <= last else ""
    if units == 1:
        sentence = (
            f"1 line of {source} that was read, number {after - 1:,}, is in no batch of the log{between}."
        )
    else:
        numbers = f"numbers {before + 1:,} to {after - 1:,}"
        sentence = (
            f"{units:,} lines of {source} that were read, {numbers}, are in no batch of the log{between}."
        )
    if first and last and first > last:  # files of other times lie on either side: the time is not known
        first = last = None
    return Hole(source, "missing", first, last, units, sentence, table, units)


def _aside(
    table: str | None,
    source: str,
    lines: int,
    longest: int | None,
    first: datetime | None,
    last: datetime | None,
) -> Hole:
    sentence = f"{_counted(lines, 'line')} of {source} could not be read: set aside."
    at_most = lines if (longest or 0) <= LONG else None
    return Hole(
        source,
        "set_aside",
        first and say.utc(first),
        last and say.utc(last),
        lines,
        sentence,
        table or "",
        at_most,
    )


def explained(holes: Sequence[Hole], table: str) -> dict[str, list[tuple[datetime, datetime]]]:
    """By source, the times whose records are known to be gone: silence there has its reason already."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for hole in holes:
        if hole.kind in ("missing", "expired") and hole.table == table and hole.first and hole.last:
            spans.setdefault(hole.source, []).append((hole.first, hole.last))
    return {source: sorted(found) for source, found in spans.items()}


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _when(first: datetime | None, last: datetime | None, word: str = ", ") -> str:
    return f"{word}{say.span(first, last)}" if first and last else ""
