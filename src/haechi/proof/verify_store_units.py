"""What the comparison of a batch's leaves comes to, in verdicts: which units, where, and of which log file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from haechi.evidence.merkle import tree_root
from haechi.model.times import moment
from haechi.proof.verdict import State, Verdict, amount
from haechi.proof.verify_batch import ASIDE, SEEN, TWICE, WRONG, Group, Member
from haechi.proof.verify_store_files import place_of
from haechi.proof.verify_store_rows import UNREADABLE, Numbers, lines_before
from haechi.store import layout
from haechi.store.header import BatchHeader

NAMED: Final = 1_000  # stretches of units that are named one by one in a batch


def report(group: Group, member: Member, records: Verdict | None) -> list[Verdict]:
    """All verdicts on one batch; a single `whole` where nothing is wrong.

    `records`: what is wrong with the file in which its records stand.
    """
    found = [_raw_unread(member, verdict) for verdict in member.files.values()]
    if records is not None:
        found.append(_of_batch(member, records, group))
    found += _of_leaves(group, member)
    found += _of_units(group, member, readable=not group.broken)
    if not found:
        found += _of_counts(group, member)
    return found or [_whole(group, member)]


def _raw_unread(member: Member, verdict: Verdict) -> Verdict:
    """Which lines are in doubt where altered raw lines cannot be told apart any more."""
    header = member.header
    if verdict is not member.files.get("raw") or verdict.state != "altered" or member.raw is not None:
        return verdict
    lines = f"lines {header.line_from:,} to {header.line_from + max(header.line_count, 1) - 1:,}"
    told = (
        f"{verdict.sentence}. Which of them cannot be told: {place_of(header)} ({header.file.path}, {lines})"
    )
    return msgspec.structs.replace(verdict, sentence=told, source=header.source, path=header.file.path)


def _whole(group: Group, member: Member) -> Verdict:
    header = member.header
    told = f"{amount(header.rows, 'record')} and {amount(header.set_aside, 'line')} set aside of {place_of(header)}"
    erased = group.shelf.catalog.erased.get(header.number, 0)
    told += f"; {amount(erased, 'record')} erased, as the log tells" if erased else ""
    where = group.shelf.name(layout.leaves_file(group.shelf.root, header.number))
    return Verdict(member.thing, "whole", told, where, header.source, count=header.units)


def _of_batch(member: Member, records: Verdict, group: Group) -> Verdict:
    """What a file's damage means for one of the batches whose records stand in it."""
    header = member.header
    if records.state == "missing" or group.broken:
        lost = f"{amount(header.rows, 'record')} of {place_of(header)}, {span_of(header)}"
        told = (
            f"its records are {'missing' if records.state == 'missing' else 'not readable any more'}: {lost}"
        )
        return Verdict(member.thing, records.state, told, records.where, header.source, count=header.rows)
    wrong = int((group.flags[member.units] & (WRONG | TWICE) > 0).sum())
    kept = "all that it holds still fit the leaves" if not wrong else f"{wrong:,} no longer fit their leaves"
    told = f"the file of its records was altered; {kept}"
    return Verdict(member.thing, "altered", told, records.where, header.source)


def _of_leaves(group: Group, member: Member) -> Iterator[Verdict]:
    """Leaves that do not give the root of the log, or cannot be made anew."""
    header = member.header
    path = group.shelf.name(layout.leaves_file(group.shelf.root, header.number))
    if member.leaves is not None and not member.trusted:
        flags = group.flags[member.units]
        complete = bool((flags & SEEN).all()) and group.made is not None
        if complete and group.made is not None and tree_root(group.made[member.units]).hex() == header.root:
            if "leaves" not in member.files:
                yield Verdict(
                    member.thing, "altered", "its leaf hashes are altered; records and lines are whole", path
                )
        else:
            told = "its leaf hashes do not give the root that the log tells: which units are altered cannot be told"
            yield Verdict(member.thing, "altered", told, path, header.source, count=header.units)
    elif member.leaves is None and "leaves" not in member.files:
        yield Verdict(member.thing, "altered", "its leaf hashes are not readable, or of another count", path)
    if member.raw is None and "raw" not in member.files:
        raw = group.shelf.name(layout.raw_file(group.shelf.root, header.number))
        yield Verdict(member.thing, "altered", "its raw lines are not readable, or of another count", raw)
    if member.aside is None and "aside" not in member.files:
        aside = group.shelf.name(layout.aside_file(group.shelf.root, header.number))
        yield Verdict(member.thing, "altered", "its list of lines set aside is not readable", aside)
    reason = group.shelf.lost_keys.get(header.period)
    if reason:
        told = f"its leaves cannot be made anew: {reason}"
        yield Verdict(
            member.thing, "unknown", told, f"keys/{header.period}", header.source, count=header.units
        )


def _of_units(group: Group, member: Member, readable: bool) -> Iterator[Verdict]:
    flags = group.flags[member.units]
    if member.trusted:
        yield from _named(
            group, member, np.flatnonzero(flags & WRONG), "altered", _what_differs(group, member)
        )
    yield from _named(group, member, np.flatnonzero(flags & TWICE), "altered", "stands there more than once")
    if not readable or member.aside is None:
        return
    unseen = np.flatnonzero((flags & SEEN) == 0)
    erased = group.shelf.catalog.erased.get(member.header.number, 0)
    if erased and member.raw is not None:
        missing = unseen[member.raw.lengths[unseen] > 0]
        gone = len(unseen) - len(missing)
        if gone != erased:
            were = "was" if gone == 1 else "were"
            told = f"{amount(gone, 'record')} of it {were} erased, but the log tells of {erased:,}"
            yield Verdict(
                member.thing, "missing" if gone > erased else "altered", told, count=abs(gone - erased)
            )
        unseen = missing
    elif erased and len(unseen) == erased:
        return
    yield from _named(
        group, member, unseen, "missing", "is missing: it was sealed, and no row is there for it"
    )


def _what_differs(group: Group, member: Member) -> str:
    """Which of the files is to blame for units that do not fit."""
    if "raw" in member.files and member.files["raw"].state == "altered":
        return "was altered in the raw lines, or in its record"
    return "was altered: its record, its raw line and its leaf do not belong together"


def _named(group: Group, member: Member, units: Numbers, state: State, what: str) -> Iterator[Verdict]:
    """Units as stretches of consecutive ones, each with its place in the log file that it came from."""
    if not len(units):
        return
    header = member.header
    breaks = np.flatnonzero(np.diff(units) > 1) + 1
    stretches = np.split(units, breaks)
    firsts = np.array([int(stretch[0]) for stretch in stretches[:NAMED]], np.int64)
    lines = _lines(group, header, firsts)
    path = group.shelf.name(_records_file(group, member))
    for stretch, line in zip(stretches[:NAMED], lines, strict=False):
        seq, count = header.seq_from + int(stretch[0]), len(stretch)
        which = f"seq {seq:,}" if count == 1 else f"each of seq {seq:,} to {seq + count - 1:,}"
        at = (
            "" if line is None else f" ({header.file.path}, {'line' if count == 1 else 'from line'} {line:,})"
        )
        yield Verdict(
            member.thing, state, f"{which} of {header.source}{at} {what}", path, header.source, seq, header.file.path,
            line, count,
        )  # fmt: skip
    rest = sum(len(stretch) for stretch in stretches[NAMED:])
    if rest:
        yield Verdict(
            member.thing, state, f"{amount(rest, 'more unit')}: each {what}", path, header.source, count=rest
        )


def _lines(group: Group, header: BatchHeader, units: Numbers) -> list[int | None]:
    """The lines of the log file on which units begin; None where that cannot be told."""
    try:
        before = lines_before(group.shelf.file(layout.raw_file, header.number), units)
    except UNREADABLE:
        before = units if header.line_count == header.units else np.empty(0, np.int64)
    if len(before) != len(units):
        return [None] * len(units)
    return [header.line_from + int(lines) for lines in before]


def _records_file(group: Group, member: Member) -> Path:
    number = member.header.number
    compacted = group.shelf.catalog.compacted.get(number)
    if compacted is not None:
        return layout.compact_file(group.shelf.root, compacted)
    return layout.records_file(group.shelf.root, number)


def _of_counts(group: Group, member: Member) -> Iterator[Verdict]:
    """What the header counts against what is there. Only where every unit is whole: the rest follows from that."""
    header = member.header
    erased = group.shelf.catalog.erased.get(header.number, 0)
    aside = int((group.flags[member.units] & ASIDE > 0).sum())
    told: list[tuple[str, int | None, int | None]] = [
        ("records", member.rows + erased, header.rows),
        ("lines set aside", aside, header.set_aside),
    ]
    if not erased:
        told += [
            ("bytes sent", member.sent, header.bytes_sent),
            ("the first record's time", member.first, header.first),
            ("the last record's time", member.last, header.last),
        ]
        if member.raw is not None:
            told.append(("bytes of raw lines", int(member.raw.lengths.sum()), header.raw_bytes))
    for what, found, said in told:
        if found != said:
            sentence = f"its entry in the log is not true: {what} are {found}, and it says {said}"
            yield Verdict(member.thing, "altered", sentence, source=header.source)
    if not erased and member.raw is not None and group.shelf.store_key and member.raw.mac != header.raw_mac:
        yield Verdict(member.thing, "altered", "the raw lines have another fingerprint than its entry says")


def span_of(header: BatchHeader) -> str:
    """From when to when a batch's records are."""
    if header.first is None or header.last is None:
        return "without times"
    return f"{_moment(header.first)} to {_moment(header.last)}"


def _moment(micros: int) -> str:
    time = moment(micros)
    return f"{micros} microseconds" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"
