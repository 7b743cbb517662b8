"""The entries of the log other than batches: does each agree with those before it?

Holds, lifts, expiries, erasures and compactions are worked out again from the entries alone, in their order, as
somebody would who trusts nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from haechi.model.settings import Settings
from haechi.proof.verdict import State, Verdict, amount
from haechi.store.header import BatchHeader
from haechi.store.holds import Standing, active_holds, holding, standings
from haechi.store.leaves import (
    AskLeaf,
    ClockLeaf,
    CompactionLeaf,
    CustodyLeaf,
    ErasureLeaf,
    ExpiryLeaf,
    HoldLeaf,
    KeysLeaf,
    Leaf,
    LiftLeaf,
    numbers_of,
)
from haechi.store.retention import newest_of, rule_for
from haechi.workspace.check_retention import GUARDED, LEAST
from haechi.workspace.units import duration


@dataclass
class _Story:
    """What the entries read so far have told. `whole`: none of them is lost."""

    whole: bool
    settings: Settings | None
    batches: dict[int, BatchHeader] = field(default_factory=dict)
    holds: dict[str, HoldLeaf] = field(default_factory=dict)
    lifts: dict[str, list[LiftLeaf]] = field(default_factory=lambda: defaultdict(list))
    expired: set[int] = field(default_factory=set)
    compacted: dict[int, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)  # source -> seq of its last unit
    expiries: list[tuple[str, ExpiryLeaf, int]] = field(
        default_factory=list
    )  # entry, leaf, when its time was over
    keys: dict[str, str] = field(default_factory=dict)  # period -> SHA-256 of its keys
    erasure: ErasureLeaf | None = None  # the one before, which may go on in this one
    looks: int = 0  # custody entries
    asks: dict[str, int] = field(default_factory=dict)  # question -> number of its last step
    steps: int = 0  # of all questions


def check_statements(
    leaves: Sequence[Leaf | None], settings: Settings | None = None, complete: bool = True
) -> Iterator[Verdict]:
    """A verdict on each statement, and on what batches say of each other.

    leaves:   None for one that is lost, or of an unknown kind
    complete: none is lost. One of an unknown kind excuses nothing: otherwise it would hide what was taken out
    """
    story = _Story(complete, settings)
    for index, leaf in enumerate(leaves):
        where = f"entry {index}"
        match leaf:
            case BatchHeader():
                yield from _batch(story, leaf, where)
            case CompactionLeaf():
                yield from _compaction(story, leaf, where)
            case ExpiryLeaf():
                yield from _expiry(story, leaf, where)
            case HoldLeaf():
                yield from _hold(story, leaf, where)
            case LiftLeaf():
                yield from _lift(story, leaf, where)
            case ErasureLeaf():
                yield from _erasure(story, leaf, where)
            case ClockLeaf():
                yield from _clock(story, leaf, where)
            case KeysLeaf():
                story.keys[leaf.period] = leaf.sha256  # with what it says its file is compared elsewhere
            case CustodyLeaf():
                story.looks += 1
            case AskLeaf():
                yield from _ask(story, leaf, where)
            case _:
                pass
    yield from _holds_now(story)
    if story.looks:
        told = f"who looked at, exported, proved or verified what: {amount(story.looks, 'entry', 'entries')}"
        yield Verdict("custody", "whole", told, count=story.looks)
    if story.steps:
        told = f"{amount(len(story.asks), 'question', 'questions')}: {amount(story.steps, 'step', 'steps')}"
        yield Verdict("questions for reasons", "whole", told, count=story.steps)


def _ask(story: _Story, leaf: AskLeaf, where: str) -> Iterator[Verdict]:
    thing, last = f"question {leaf.ask}", story.asks.get(leaf.ask, 0)
    if leaf.n <= last:
        yield Verdict(thing, "strange", f"step {leaf.n} stands in the log twice, or after a later one", where)
    elif leaf.n > last + 1 and story.whole:
        gone = amount(leaf.n - last - 1, "step", "steps")
        yield Verdict(
            thing, "missing", f"{gone} before step {leaf.n} ({leaf.step}) never came into the log", where
        )
    story.asks[leaf.ask] = max(leaf.n, last)
    story.steps += 1


def _batch(story: _Story, header: BatchHeader, where: str) -> Iterator[Verdict]:
    thing = f"batch {header.number}"
    if header.number in story.batches:
        yield Verdict(thing, "strange", "two entries are of batches with this number", where)
    elif story.whole and header.number != len(story.batches):
        told = f"its number should be {len(story.batches)}: the log leaves out batches"
        yield Verdict(thing, "missing", told, where)
    expected = story.ends.get(header.source, 0) + 1
    if story.whole and header.seq_from != expected:
        gap = f"seq {expected:,} to {header.seq_from - 1:,}" if header.seq_from > expected else "nothing"
        told = f"{header.source} goes on at seq {header.seq_from:,}, not {expected:,}: {gap} is missing from the log"
        yield Verdict(
            thing, "missing", told, where, header.source, expected, count=abs(header.seq_from - expected)
        )
    story.ends[header.source] = max(header.seq_to, story.ends.get(header.source, 0))
    story.batches[header.number] = header


def _compaction(story: _Story, leaf: CompactionLeaf, where: str) -> Iterator[Verdict]:
    thing = f"compaction {leaf.number}"
    numbers = numbers_of(leaf.batches)
    known = [story.batches[number] for number in numbers if number in story.batches]
    if story.whole and len(known) < len(numbers):
        yield Verdict(thing, "strange", "it names batches that were not there when it was made", where)
    if any((header.table, header.source) != (leaf.table, leaf.source) for header in known):
        yield Verdict(thing, "strange", "it names batches of another source or table", where)
    twice = [number for number in numbers if number in story.compacted]
    if twice:
        yield Verdict(
            thing, "strange", f"batch {twice[0]} stands in compaction {story.compacted[twice[0]]} too", where
        )
    story.compacted.update(dict.fromkeys(numbers, leaf.number))


def _expiry(story: _Story, leaf: ExpiryLeaf, where: str) -> Iterator[Verdict]:
    numbers = numbers_of(leaf.batches)
    headers = [story.batches[number] for number in numbers if number in story.batches]
    what = f"{amount(len(numbers), 'batch', 'batches')} of {leaf.source} with {amount(leaf.rows, 'record')}"
    wrong = [
        *_unknown(story, len(numbers) - len(headers)),
        *_held(story, headers),
        *_too_early(story, leaf, headers, where),
    ]
    if story.whole and sum(header.rows for header in headers) != leaf.rows:
        wrong.append("its count of records is not that of its batches")
    if any(number in story.expired for number in numbers):
        wrong.append("some of its batches had expired before")
    story.expired.update(numbers)
    for sentence in wrong:
        yield Verdict(
            "expiry", "strange", f"the expiry of {what} does not hold: {sentence}", where, leaf.source
        )
    if not wrong:
        told = f"{what} expired after {leaf.keep}; no hold stood in the way"
        yield Verdict("expiry", "whole", told, where, leaf.source, count=len(numbers))


def _unknown(story: _Story, missing: int) -> list[str]:
    return (
        [f"{missing:,} of its batches never {'was' if missing == 1 else 'were'}"]
        if story.whole and missing
        else []
    )


def _held(story: _Story, headers: Sequence[BatchHeader]) -> list[str]:
    """The holds that stood when it was done, and that it broke."""
    holds = active_holds(story)
    broken = dict.fromkeys(hold.id for header in headers for hold in holding(header, holds))
    return [f"the hold {name} stood and was broken" for name in broken]


def _too_early(story: _Story, leaf: ExpiryLeaf, headers: Sequence[BatchHeader], where: str) -> list[str]:
    """What was removed before the time for which it had to be kept was over."""
    try:
        keep = duration(leaf.keep)
    except ValueError:
        return ["how long its records were kept cannot be read"]
    found = [header for header in headers if newest_of(header) + _micros(keep) > leaf.at]
    told = [f"batch {found[0].number} was not kept for {leaf.keep}"] if found else []
    if headers and not found:
        over = max(newest_of(header) for header in headers) + _micros(keep)
        story.expiries.append((where, leaf, over))
    for table in dict.fromkeys(header.table for header in headers):
        rule = rule_for(leaf.source, table, story.settings) if story.settings else None
        if rule is not None and rule.micros > _micros(keep):
            told.append(f"haechi.toml asks for {rule.keep}, and it was kept for {leaf.keep}")
        elif table in GUARDED and keep < duration(LEAST):
            told.append(
                f"records of its kind must be kept for {LEAST} at least, and it was kept for {leaf.keep}"
            )
    return told


def _clock(story: _Story, leaf: ClockLeaf, where: str) -> Iterator[Verdict]:
    """A clock that was ahead makes records look old enough: what expired by it is judged by the clock put right."""
    for entry, expiry, over in story.expiries:
        if leaf.at < expiry.at and leaf.at < over:
            told = (
                f"an expiry of {expiry.source} does not hold: by the clock as {where} put it right, its records were "
                f"to be kept for {(over - leaf.at) / 86_400_000_000:,.1f} days more"
            )
            yield Verdict("expiry", "strange", told, entry, expiry.source)


def _micros(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _hold(story: _Story, leaf: HoldLeaf, where: str) -> Iterator[Verdict]:
    if leaf.id in story.holds:
        yield Verdict(f"hold {leaf.id}", "strange", "two holds bear this name", where)
        return
    story.holds[leaf.id] = leaf


def _lift(story: _Story, leaf: LiftLeaf, where: str) -> Iterator[Verdict]:
    """An agreement to lift a hold counts only if it is of this hold, of another person, and rightly signed."""
    thing = f"hold {leaf.hold}"
    hold = story.holds.get(leaf.hold)
    if hold is None:
        if story.whole:
            yield Verdict(thing, "strange", "somebody agreed to lift a hold that was never laid", where)
        return
    before = _standing(story, leaf.hold)
    story.lifts[leaf.hold].append(leaf)
    after = _standing(story, leaf.hold)
    if len(after.agreed) > len(before.agreed):
        signed = (
            "with a signature of a key that the hold names"
            if hold.lifters
            else "by account, not by signature"
        )
        yield Verdict(thing, "whole", f"{leaf.by} agreed to lift it, {signed}", where)
    else:
        told = "an agreement to lift it does not count: a wrong signature, no custodian, or the same person again"
        yield Verdict(thing, "strange", told, where)


def _standing(story: _Story, name: str) -> Standing:
    return next(standing for standing in standings(story) if standing.hold.id == name)


def _erasure(story: _Story, leaf: ErasureLeaf, where: str) -> Iterator[Verdict]:
    headers = [story.batches[int(number)] for number in leaf.rows if int(number) in story.batches]
    rows = sum(leaf.rows.values())
    wrong = [*_unknown(story, len(leaf.rows) - len(headers)), *_held(story, headers)]
    if any(int(number) in story.expired for number in leaf.rows):
        wrong.append("some of its batches had expired before")
    before, story.erasure = story.erasure, leaf
    goes_on = before is not None and (before.at, before.keys) == (leaf.at, leaf.keys)
    if story.keys.get(leaf.period) == leaf.keys and not goes_on:
        wrong.append("no person's key was destroyed with the records")
    story.keys[leaf.period] = leaf.keys
    what = f"the erasure of {amount(rows, 'record')} of one person in {leaf.period}"
    for sentence in wrong:
        yield Verdict("erasure", "strange", f"{what} does not hold: {sentence}", where)
    if not wrong:
        yield Verdict("erasure", "whole", f"{what}; no hold stood in the way", where, count=rows)


def _holds_now(story: _Story) -> Iterator[Verdict]:
    for standing in standings(story):
        state: State = "whole"
        told = "it stands" if standing.active else "it was lifted by two people"
        yield Verdict(f"hold {standing.hold.id}", state, f"{told}; ordered by: {standing.hold.order}")
