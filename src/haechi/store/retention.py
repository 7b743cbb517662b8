"""Retention: which batches have been kept long enough, and which of these a hold protects.

Only arithmetic over the catalog: nothing here touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Protocol

from haechi.model.settings import Settings
from haechi.model.words import Table
from haechi.store.header import BatchHeader
from haechi.store.holds import Holds, active_holds, holding
from haechi.store.leaves import CompactionLeaf, numbers_of
from haechi.workspace.check_retention import GUARDED
from haechi.workspace.units import duration

_MICROSECOND = timedelta(microseconds=1)


class Kept(Holds, Protocol):
    """What is asked of a catalog here."""

    @property
    def batches(self) -> Sequence[BatchHeader]: ...

    @property
    def expired(self) -> set[int]: ...

    @property
    def compactions(self) -> Mapping[int, CompactionLeaf]: ...


@dataclass(frozen=True)
class Rule:
    """How long records are kept, and why so long. `keep` as in haechi.toml, `micros` the same in microseconds."""

    keep: str
    micros: int
    reason: str


@dataclass(frozen=True)
class Part:
    """Batches of one source and table that are treated alike. Times are microseconds since 1970 UTC.

    newest: of the newest record; where the table's records have no time, when it was collected
    holds:  the ids of the holds that protect it; none: nothing does
    """

    source: str
    table: Table
    rule: Rule
    numbers: tuple[int, ...]
    rows: int
    set_aside: int
    oldest: int
    newest: int
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an expiry would do at `now`. `waiting`: over, but in one sorted file with batches that are not."""

    now: int
    going: tuple[Part, ...]
    held: tuple[Part, ...]
    waiting: tuple[Part, ...]


def rule_for(source: str, table: Table, settings: Settings) -> Rule | None:
    """How long records of a source are kept. None: without end, as registers are whose source says nothing."""
    own = next((item for item in settings.sources if item.name == source and item.table == table), None)
    if own is not None and own.keep:
        reason = own.keep_reason or settings.retention.keep_reason
        return Rule(own.keep, duration(own.keep) // _MICROSECOND, reason)
    if table not in GUARDED:
        return None
    keep = settings.retention.keep
    return Rule(keep, duration(keep) // _MICROSECOND, settings.retention.keep_reason)


def plan_expiry(catalog: Kept, settings: Settings, now: int) -> Plan:
    """What has been kept long enough at `now`, microseconds since 1970 UTC.

    Batches whose records stand in one sorted file go together or not at all; so a hold on one holds them all.
    """
    holds = active_holds(catalog)
    rules: dict[tuple[str, Table], Rule | None] = {}
    going: list[tuple[BatchHeader, tuple[str, ...]]] = []
    held: list[tuple[BatchHeader, tuple[str, ...]]] = []
    waiting: list[tuple[BatchHeader, tuple[str, ...]]] = []

    def over(batch: BatchHeader) -> bool:
        key = (batch.source, batch.table)
        if key not in rules:
            rules[key] = rule_for(*key, settings)
        rule = rules[key]
        return rule is not None and newest_of(batch) < now - rule.micros

    for group in _together(catalog):
        due = [batch for batch in group if over(batch)]
        if not due:
            continue
        found = tuple(dict.fromkeys(hold.id for batch in group for hold in holding(batch, holds)))
        if len(due) < len(group):
            waiting += [(batch, ()) for batch in due]
        elif found:
            held += [(batch, found) for batch in group]
        else:
            going += [(batch, ()) for batch in group]
    return Plan(now, _parts(going, rules), _parts(held, rules), _parts(waiting, rules))


def newest_of(batch: BatchHeader) -> int:
    """The time from which a batch's retention counts."""
    return batch.collected if batch.last is None else batch.last


def _together(catalog: Kept) -> Iterable[list[BatchHeader]]:
    """The batches that are still there, those of one sorted file together."""
    home = {
        number: compaction.number
        for compaction in catalog.compactions.values()
        for number in numbers_of(compaction.batches)
    }
    groups: dict[tuple[bool, int], list[BatchHeader]] = {}
    for batch in catalog.batches:
        if batch.number not in catalog.expired:
            inside = batch.number in home
            groups.setdefault((inside, home.get(batch.number, batch.number)), []).append(batch)
    return groups.values()


def _parts(
    batches: Sequence[tuple[BatchHeader, tuple[str, ...]]], rules: Mapping[tuple[str, Table], Rule | None]
) -> tuple[Part, ...]:
    found = []
    for (source, table, holds), items in groupby(sorted(batches, key=_alike), _alike):
        rule = rules[source, table]
        if rule is not None:
            found.append(_part([batch for batch, _ in items], rule, holds))
    return tuple(found)


def _alike(item: tuple[BatchHeader, tuple[str, ...]]) -> tuple[str, Table, tuple[str, ...]]:
    batch, holds = item
    return batch.source, batch.table, holds


def _part(batches: Sequence[BatchHeader], rule: Rule, holds: tuple[str, ...]) -> Part:
    return Part(
        source=batches[0].source,
        table=batches[0].table,
        rule=rule,
        numbers=tuple(sorted(batch.number for batch in batches)),
        rows=sum(batch.rows for batch in batches),
        set_aside=sum(batch.set_aside for batch in batches),
        oldest=min(newest_of(batch) if batch.first is None else batch.first for batch in batches),
        newest=max(newest_of(batch) for batch in batches),
        holds=holds,
    )
