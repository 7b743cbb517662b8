"""Open an engine over a snapshot: the views `access`, `issuance`, `subject`, `person`, `aside` and `batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from haechi.model.settings import StoreSettings
from haechi.model.tables import ASIDE, SCHEMAS
from haechi.store import layout
from haechi.store.duckdb_engine import BATCH_VIEW, DuckDBEngine, bind_files, connect
from haechi.store.store import Snapshot


def open_engine(snapshot: Snapshot, settings: StoreSettings) -> DuckDBEngine:
    """An engine that sees exactly the snapshot, within the memory that the settings allow."""
    spill = layout.tmp_folder(snapshot.root).parent / "spill"
    engine = DuckDBEngine(connect(settings.memory, settings.threads, Path(spill)), snapshot.checkpoint)
    for table, schema in SCHEMAS.items():
        bind_files(engine, table, schema, snapshot.files(table))
    bind_files(engine, "aside", ASIDE, snapshot.aside_files())
    engine.register("batch", pa.Table.from_pylist([_row(b) for b in snapshot.batches], schema=BATCH_VIEW))
    return engine


def _row(batch: Any) -> dict[str, Any]:
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
    }
