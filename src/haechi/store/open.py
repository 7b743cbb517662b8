"""Open an engine over a snapshot: the views `access`, `issuance`, `subject`, `person`, `aside` and `batch`."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from haechi.model.errors import StoreError
from haechi.model.settings import StoreSettings
from haechi.model.tables import ASIDE, SCHEMAS
from haechi.store import layout
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine, bind_files, connect
from haechi.store.header import BatchHeader
from haechi.store.store import Snapshot


def open_engine(snapshot: Snapshot, settings: StoreSettings) -> DuckDBEngine:
    """An engine that sees exactly the snapshot, within the memory that the settings allow."""
    _check_files(snapshot)
    spill = layout.spill_folder(snapshot.root)
    engine = DuckDBEngine(connect(settings.memory, settings.threads, spill), snapshot.checkpoint)
    for table, schema in SCHEMAS.items():
        bind_files(engine, table, schema, snapshot.files(table))
    bind_files(engine, "aside", ASIDE, snapshot.aside_files())
    last = {(batch.table, batch.file.stream): batch.number for batch in snapshot.batches}
    rows = [_row(b, last[b.table, b.file.stream] == b.number) for b in snapshot.batches]
    engine.register("batch", pa.Table.from_pylist(rows, schema=BATCH_VIEW))
    return engine


def _check_files(snapshot: Snapshot) -> None:
    """Every file that the checkpoint covers must be there: an answer from half a store would be a wrong one."""
    for batch in snapshot.batches:
        for file in layout.files_of(snapshot.root, batch.number, batch.rows, batch.set_aside):
            if not file.is_file():
                raise StoreError(
                    "a file of the store is missing, although the evidence log says that it was written",
                    where=str(file),
                    kept="the other batches are untouched",
                    todo="restore the file from a backup of the store",
                )


def _row(batch: BatchHeader, is_last: bool) -> dict[str, Any]:
    return {
        "id": f"{batch.number:010d}",
        "table_name": batch.table,
        "source": batch.source,
        "path": batch.file.path,
        "rows": batch.rows,
        "set_aside": batch.set_aside,
        "seq_from": batch.seq_from,
        "seq_to": batch.seq_to,
        "first_time": batch.first,
        "last_time": batch.last,
        "collected": batch.collected,
        "problem": batch.problem if is_last else "",
    }
