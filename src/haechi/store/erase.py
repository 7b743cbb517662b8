"""Erasure: remove one person's rows for good, and with the person-period key the meaning of their hashes.

The leaves stay, so every other proof stays as it is. New files are written aside first, then the entry of the log
says what stands in the store now, then the files change places (`haechi.store.swap`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from haechi.evidence import durable
from haechi.model.errors import StoreError
from haechi.model.settings import StoreSettings
from haechi.model.tables import SCHEMAS
from haechi.model.words import Table
from haechi.store import locks
from haechi.store.account import account
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.holds import active_holds, holding
from haechi.store.leaves import ErasureLeaf
from haechi.store.open import open_engine
from haechi.store.rewrite import Rewriter, Rewritten
from haechi.store.seal import person_column
from haechi.store.state import made_of
from haechi.store.store import Snapshot, Store, Writer, left_over, now, sweep
from haechi.store.swap import finish_interrupted, take_places

Units = npt.NDArray[np.int64]  # numbers of units within their batch, from 0

MOST_BATCHES = 200  # in one entry, which holds at most 65,535 bytes
WAIT = 30.0  # seconds for those who read to finish
_STEP = 0.05


@dataclass(frozen=True)
class Found:
    """Where a person's rows stand. `rows`: by table; `held`: ids of the holds that protect any of them.

    unread: batches whose records are missing, in which nothing can be found
    """

    rows: dict[str, int] = field(default_factory=dict)
    batches: dict[int, Units] = field(default_factory=dict)
    periods: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()


def find(store: Store, settings: StoreSettings, person: str, period: str = "") -> Found:
    """Where the rows of a person stand: those whose data subject, or where there is none, whose actor it is."""
    with store.reading():
        return _find(store.snapshot(), settings, person, period)


def erase(
    store: Store, settings: StoreSettings, person: str, reason: str, period: str = "", wait: float = WAIT
) -> Found:
    """Remove a person's rows, of one period or of all, and destroy the person's keys of these periods.

    A crash leaves everything as it was, or is finished by the next process that writes.

    Raises:
        StoreError: a hold protects one of the rows, a file was altered, somebody reads the store for longer than
            `wait` seconds, another process writes to it, or the disk is full.
    """
    with store.writer() as writer, _alone(writer, wait):
        # Rows of the person may stand in files that were superseded while somebody read them.
        durable.discard(left_over(store.root, writer.catalog))
        sweep(store.root)
        snapshot = Snapshot(store.root, writer.log.checkpoint, writer.catalog)
        found = _find(snapshot, settings, person, period)
        _refuse_held(found)
        if not found.batches:
            return found
        durable.discard(
            made_of(store.root, found.batches)
        )  # first: what a crash leaves must not hold the person
        made = Rewriter(writer, settings).rewrite(found.batches, found.periods, person)
        with writer.appending():
            _refuse_held(_with_holds(found, writer.catalog))  # one may have been laid meanwhile
            writer.append_held(list(_leaves(found, made, writer.catalog, reason)))
        take_places(store.root, made.waiting)
        writer.keys.forget()
    return found


def _find(snapshot: Snapshot, settings: StoreSettings, person: str, period: str) -> Found:
    rows: dict[str, int] = {}
    batches: dict[int, list[int]] = {}
    catalog = snapshot.catalog
    with closing(open_engine(snapshot, settings)) as engine:
        for table in SCHEMAS:
            sql = f"SELECT source, seq FROM {table} WHERE {person_column(table)} = $person"
            for batch, seq in _batches_of(catalog, table, engine.rows(sql, {"person": person})):
                if period in ("", batch.period):
                    rows[table] = rows.get(table, 0) + 1
                    batches.setdefault(batch.number, []).append(seq - batch.seq_from)
        unread = engine.rows("SELECT id FROM batch WHERE gone = 'missing' ORDER BY id")
    found = Found(
        rows,
        {number: np.array(sorted(units), np.int64) for number, units in sorted(batches.items())},
        tuple(sorted({catalog.batch(number).period for number in batches})),
        (),
        tuple(int(row[0]) for row in unread),
    )
    return _with_holds(found, catalog)


def _batches_of(
    catalog: Catalog, table: Table, places: Sequence[tuple[str, int]]
) -> Iterator[tuple[BatchHeader, int]]:
    """The batch in which each record stands, told by its number within the source."""
    by_source: dict[str, list[BatchHeader]] = {}
    for batch in catalog.batches:
        if batch.table == table:
            by_source.setdefault(batch.source, []).append(batch)
    begins = {source: np.array([b.seq_from for b in batches]) for source, batches in by_source.items()}
    for source, seq in places:
        yield by_source[source][int(np.searchsorted(begins[source], seq, "right")) - 1], seq


def _with_holds(found: Found, catalog: Catalog) -> Found:
    holds = active_holds(catalog)
    held = dict.fromkeys(
        hold.id for number in found.batches for hold in holding(catalog.batch(number), holds)
    )
    return Found(found.rows, found.batches, found.periods, tuple(held), found.unread)


def _refuse_held(found: Found) -> None:
    if found.held:
        raise StoreError(
            f"rows of this person are under a legal hold: {', '.join(found.held)}",
            kept="everything; nothing was removed",
            todo="erase them once the hold was lifted, or ask who ordered it",
        )


@contextmanager
def _alone(writer: Writer, wait: float) -> Iterator[None]:
    """Keep readers out: they would see the log of one moment and the files of another."""
    until = time.monotonic() + wait
    while True:
        with locks.unread(writer.root) as alone:
            if alone:
                finish_interrupted(writer.root, writer.catalog)
                yield
                return
        if time.monotonic() >= until:
            raise StoreError(
                "somebody reads this store",
                where=str(writer.root),
                kept="everything; nothing was removed",
                todo="run the same command again when nobody reads",
            )
        time.sleep(_STEP)


def _leaves(found: Found, made: Rewritten, catalog: Catalog, reason: str) -> Iterator[ErasureLeaf]:
    """One entry a period, or several where it has very many batches."""
    at, by = now(), account()
    for period in found.periods:
        numbers = [number for number in found.batches if catalog.batch(number).period == period]
        for start in range(0, len(numbers), MOST_BATCHES):
            some = numbers[start : start + MOST_BATCHES]
            yield ErasureLeaf(
                at=at,
                by=by,
                reason=reason,
                period=period,
                keys=made.keys[period],
                rows={str(number): len(found.batches[number]) for number in some},
                files={str(number): made.files[number] for number in some},
                compacted=_compacted(made.compacted, catalog, some),
            )


def _compacted(
    made: Mapping[int, tuple[int, str]], catalog: Catalog, numbers: Sequence[int]
) -> dict[str, tuple[int, str]]:
    homes = {catalog.compacted[number] for number in numbers if number in catalog.compacted}
    return {str(home): made[home] for home in sorted(homes)}
