"""Open an engine over a snapshot: the views `access`, `issuance`, `subject`, `person`, `aside` and `batch`."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from haechi.model.settings import EngineSettings, StoreSettings
from haechi.model.tables import ACCESS, ASIDE, SCHEMAS
from haechi.model.times import micros
from haechi.store import layout
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine
from haechi.store.header import BatchHeader
from haechi.store.interface import Engine
from haechi.store.leaves import numbers_of
from haechi.store.lending import borrow
from haechi.store.sql import literal
from haechi.store.store import Snapshot

MANY = (
    5_000_000  # records from which on what rules keep goes to files: below, memory is faster and large enough
)


@dataclass(frozen=True)
class RecordFiles:
    """The files that hold a table's records, each with the batches whose records they are.

    own: of single batches; compact: of several; missing: batches whose records should be there and are not
    """

    own: dict[Path, list[int]]
    compact: dict[Path, list[int]]
    missing: frozenset[int]

    @property
    def files(self) -> list[Path]:
        return [*self.compact, *self.own]

    def of(self, numbers: Iterable[int]) -> list[Path]:
        """The files in which anything of these batches stands."""
        wanted = set(numbers)
        return [file for file, held in (self.compact | self.own).items() if not wanted.isdisjoint(held)]


def open_engine(snapshot: Snapshot, settings: StoreSettings) -> DuckDBEngine:
    """An engine that sees exactly the snapshot, within the memory that the settings allow.

    Records whose files are missing are left out, and `batch.gone` says so: a hole, which coverage reports.
    """
    spill = layout.spill_folder(snapshot.root)
    many = sum(batch.rows for batch in snapshot.batches) >= MANY
    found = {table: record_files(snapshot, table) for table in SCHEMAS}
    aside = aside_files(snapshot)
    read = [file for each in found.values() for file in each.files]
    connection = borrow(settings.memory, settings.threads, spill, [*read, *aside])
    engine = DuckDBEngine(connection, snapshot.checkpoint, spill if many else None)
    for table, schema in SCHEMAS.items():
        engine.bind(table, schema, found[table].files)
    engine.bind("aside", ASIDE, aside)
    missing = {number for each in found.values() for number in each.missing}
    engine.register("batch", batch_table(snapshot, missing))
    return engine


def open_chosen(snapshot: Snapshot, store: StoreSettings, engine: EngineSettings) -> Engine:
    """The engine that the settings choose, over the snapshot.

    Raises:
        EngineError: it is Spark, which is not installed or cannot be started.
    """
    if engine.kind == "duckdb":
        return open_engine(snapshot, store)
    from haechi.store.spark.open import open_spark  # here, since Spark is there only where it was asked for

    return open_spark(snapshot, engine)


def batch_table(snapshot: Snapshot, missing: Container[int]) -> pa.Table:
    """One row a committed batch; `missing`: those whose records should be there and are not."""
    last = {(batch.table, batch.file.stream): batch.number for batch in snapshot.batches}
    rows = [
        _row(b, last[b.table, b.file.stream] == b.number, snapshot, b.number in missing)
        for b in snapshot.batches
    ]
    return pa.Table.from_pylist(rows, schema=BATCH_VIEW)


def aside_files(snapshot: Snapshot) -> list[Path]:
    """Where lines that were set aside are placed; without such a file, the records are still there."""
    files = [layout.aside_file(snapshot.root, b.number) for b in _kept(snapshot) if b.set_aside]
    return [file for file in files if file.is_file()]


def bind_span(engine: DuckDBEngine, snapshot: Snapshot, view: str, first: datetime, last: datetime) -> None:
    """Make `view` the access records with a time in [first, last), UTC, over the files that can hold any of them."""
    found = record_files(snapshot, "access")
    begin, end = micros(first.replace(tzinfo=UTC)), micros(last.replace(tzinfo=UTC))
    numbers = (
        batch.number
        for batch in snapshot.batches
        if batch.first is not None and batch.last is not None and batch.first < end and batch.last >= begin
    )
    engine.bind(f"{view}_file", ACCESS, found.of(numbers))
    times = f"time >= {literal(f'{first}')} AND time < {literal(f'{last}')}"
    engine.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {view}_file WHERE {times}")


def _kept(snapshot: Snapshot) -> list[BatchHeader]:
    return [batch for batch in snapshot.batches if batch.number not in snapshot.catalog.expired]


def record_files(snapshot: Snapshot, table: str) -> RecordFiles:
    """Where the records of a table stand."""
    catalog = snapshot.catalog
    compact = {
        layout.compact_file(snapshot.root, leaf.number): numbers_of(leaf.batches)
        for leaf in catalog.live_compactions(table)
    }
    own = {layout.records_file(snapshot.root, number): [number] for number in catalog.own_records(table)}
    gone = {file for file in (*compact, *own) if not file.is_file()}
    return RecordFiles(
        {file: numbers for file, numbers in own.items() if file not in gone},
        {file: numbers for file, numbers in compact.items() if file not in gone},
        frozenset(number for file in gone for number in (own.get(file) or compact[file])),
    )


def _row(batch: BatchHeader, is_last: bool, snapshot: Snapshot, is_missing: bool) -> dict[str, Any]:
    gone = "expired" if batch.number in snapshot.catalog.expired else "missing" if is_missing else ""
    return {
        "id": f"{batch.number:010d}",
        "table_name": batch.table,
        "source": batch.source,
        "path": batch.file.path,
        "begins": batch.file.begin,
        "rows": batch.rows,
        "set_aside": batch.set_aside,
        "seq_from": batch.seq_from,
        "seq_to": batch.seq_to,
        "first_time": batch.first,
        "last_time": batch.last,
        "collected": batch.collected,
        "problem": batch.problem if is_last else "",
        "gone": gone,
        "erased": snapshot.catalog.erased.get(batch.number, 0),
        "bytes_sent": batch.bytes_sent,
    }
