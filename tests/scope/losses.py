"""A small made-up world whose records get lost in different ways, and what is still known of it afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from tests.scope.scope_world import Entry, book_file

from haechi.model.settings import Settings, SourceSettings
from haechi.model.tables import ASIDE
from haechi.model.values import Possible, ScopeCount
from haechi.scope.case import scope_case
from haechi.scope.coverage import survey
from haechi.scope.exposes import Exposed
from haechi.scope.possible import Bounds
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine, memory_engine

BEGIN = datetime(2025, 5, 5)
NOW = datetime(2025, 6, 1)
BATCH = 20  # records of a batch
MACHINES = (("gateway", "gw-1"), ("gateway", "gw-2"), ("admin", "ad-1"))


@dataclass(frozen=True)
class Row:
    second: float
    source: str
    node: str
    number: int  # of the machine's own count
    subject: str
    bad: bool
    size: int = 900
    shown: bool = True

    @property
    def time(self) -> datetime:
        return BEGIN + timedelta(seconds=self.second)


@dataclass(frozen=True)
class World:
    rows: tuple[Row, ...]
    numbered: frozenset[str] = frozenset({"gateway", "admin"})  # sources that number their records
    registry: int = 0  # members, "1" and on; 0: none was collected
    book: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Losses:
    """What became of each row of a world, by its index."""

    upstream: frozenset[int] = frozenset()  # never reached Haechi
    gone: dict[int, str] = field(default_factory=dict)  # in a batch that is gone: "missing" or "expired"
    erased: frozenset[int] = frozenset()
    aside: frozenset[int] = frozenset()


def world(random: Random, rows: int = 240, hours: float = 4.0) -> World:
    """Machines that write evenly, a third of it the case's, of some forty members."""
    made: list[Row] = []
    counts = {machine: random.choice([0, 1, 500_000]) for machine in MACHINES}
    seconds = sorted(random.uniform(0, hours * 3600) for _ in range(rows))
    for second in seconds:
        machine = random.choice(MACHINES)
        counts[machine] += 1
        bad = random.random() < 0.35
        made.append(
            Row(
                round(second, 3),
                *machine,
                counts[machine],
                str(random.randint(1, 40)),
                bad,
                random.choice([700, 900, 1500]),
                random.random() < 0.9,
            )
        )
    return World(tuple(made))


@dataclass(frozen=True)
class Known:
    """What is left: the rows in the tables, the confirmed counters, what may be missing."""

    rows: tuple[Row, ...]
    count: ScopeCount
    possible: Possible


def known(world: World, losses: Losses) -> Known | None:
    """Collect what is left of a world and scope its case; None where none of the case is left."""
    left = [index for index in range(len(world.rows)) if index not in losses.upstream]
    engine, there = _engine(world, losses, left)
    rows = [world.rows[index] for index in there]
    times = [row.time for row in rows if row.bad]
    if not times:
        return None
    settings = Settings(sources=[SourceSettings(name, []) for name in sorted({m[0] for m in MACHINES})])
    with tempfile.TemporaryDirectory() as folder:
        exposes = [book_file(Path(folder), "book", world.book, ["/page"])] if world.book else []
        exposed = Exposed(exposes, Path(folder))
        case = scope_case(engine, [0], Settings(exposes=exposes), Path(folder), exposed)
        bounds = Bounds(engine, survey(engine, settings, now=NOW), exposed, settings.coverage)
        return Known(tuple(rows), case.count, bounds.of(case, min(times), max(times)))


def truth(world: World, losses: Losses, there: Sequence[Row]) -> tuple[int, int]:
    """The case's requests and persons as they were, counted one by one, where anything speaks of them: all that
    was read, and of what was not the records between a machine's first and last one that is there."""
    spans: dict[tuple[str, str], tuple[int, int]] = {}
    for row in there:
        low, high = spans.get((row.source, row.node), (row.number, row.number))
        spans[row.source, row.node] = min(low, row.number), max(high, row.number)
    requests, persons = 0, set[str]()
    for index, row in enumerate(world.rows):
        low, high = spans.get((row.source, row.node), (1, 0))
        if not row.bad or (index in losses.upstream and not low <= row.number <= high):
            continue
        requests += 1
        if row.shown and (not world.registry or int(row.subject) <= world.registry):
            persons.add(row.subject)
            persons |= {entry.person for entry in world.book if entry.subject == row.subject and entry.person}
    return requests, len(persons)


def _engine(world: World, losses: Losses, left: Sequence[int]) -> tuple[DuckDBEngine, list[int]]:
    """An engine over what was read and is still there; the indices of its rows in the world."""
    batches: list[dict[str, Any]] = []
    aside: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    there: list[int] = []
    for source in sorted({row.source for row in world.rows}):
        read = [index for index in left if world.rows[index].source == source]
        for start in range(0, len(read), BATCH):
            part = read[start : start + BATCH]
            gone = next((losses.gone[index] for index in part if index in losses.gone), "")
            batches.append(_batch(world, losses, source, part, start + 1, gone, len(batches)))
            for seq, index in enumerate(part, start + 1):
                if gone or index in losses.erased:
                    continue
                if index in losses.aside:
                    aside.append({"source": source, "seq": seq, "reason": "not a record", "length": 100})
                else:
                    there.append(index)
                    rows.append(_record(world, world.rows[index], seq))
    registry = [{"subject": str(number)} for number in range(1, world.registry + 1)]
    schema = pa.schema([("subject", pa.string())])
    engine = memory_engine({"access": _table(rows), "subject": pa.Table.from_pylist(registry, schema)})
    engine.register("batch", pa.Table.from_pylist(batches, BATCH_VIEW))
    engine.register("aside", pa.Table.from_pylist(aside, ASIDE))
    engine.execute(
        "CREATE TEMP TABLE flag AS SELECT 0 AS finding, 'never-issued' AS rule, 'key' AS entity_kind, "
        "'bad' AS entity, source, seq FROM access WHERE key = 'bad'"
    )
    return engine, there


def _batch(
    world: World, losses: Losses, source: str, part: Sequence[int], seq: int, gone: str, number: int
) -> dict[str, Any]:
    kept = [world.rows[index] for index in part if index not in losses.aside]
    times = [row.time for row in kept]
    return {
        "id": f"{number:010d}",
        "table_name": "access",
        "source": source,
        "path": f"{source}.log",
        "rows": len(kept),
        "set_aside": len(part) - len(kept),
        "seq_from": seq,
        "seq_to": seq + len(part) - 1,
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "collected": NOW,
        "problem": "",
        "gone": gone,
        "erased": sum(index in losses.erased and index not in losses.aside for index in part),
        "bytes_sent": sum(row.size for row in kept),
    }


def _record(world: World, row: Row, seq: int) -> dict[str, Any]:
    numbered = row.source in world.numbered
    return {
        "time": row.time,
        "source": row.source,
        "seq": seq,
        "key": "bad" if row.bad else "good",
        "subject": row.subject,
        "route": "/page",
        "action": "view",
        "fields": "name",
        "outcome": "success" if row.shown else "failure",
        "bytes": row.size,
        "node": row.node,
        "node_seq": row.number if numbered else None,
    }


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    schema = pa.schema(
        [
            ("time", pa.timestamp("us")), ("source", pa.string()), ("seq", pa.int64()), ("key", pa.string()),
            ("subject", pa.string()), ("route", pa.string()), ("action", pa.string()), ("fields", pa.string()),
            ("outcome", pa.string()), ("bytes", pa.int64()), ("node", pa.string()), ("node_seq", pa.int64()),
        ]
    )  # fmt: skip
    return pa.Table.from_pylist(list(rows), schema)
