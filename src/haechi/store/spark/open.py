"""Opening Spark over a snapshot, or over tables at hand."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from haechi.model.errors import EngineError
from haechi.model.settings import EngineSettings
from haechi.model.tables import ASIDE, SCHEMAS
from haechi.store import layout
from haechi.store.duckdb_engine import BATCH_VIEW, conform
from haechi.store.open import aside_files, batch_table, record_files
from haechi.store.spark.engine import SparkEngine
from haechi.store.spark.session import open_session
from haechi.store.store import Snapshot


def open_spark(snapshot: Snapshot, settings: EngineSettings) -> SparkEngine:
    """An engine that sees exactly the snapshot, as `haechi.store.open.open_engine` opens one of DuckDB.

    Raises:
        EngineError: Spark is not installed or cannot be started, or `work` is no folder.
    """
    session = open_session(settings, sum(batch.rows for batch in snapshot.batches))
    work = Path(settings.work) if settings.work else layout.spill_folder(snapshot.root)
    try:
        work.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix="spark-", dir=work.absolute()))
    except OSError as error:
        raise EngineError(
            f"Spark's working folder cannot be made: {error.strerror}.", where=str(work), todo="[engine] work"
        ) from error
    engine = SparkEngine(session, own, snapshot.checkpoint)
    missing: set[int] = set()
    for table, schema in SCHEMAS.items():
        found = record_files(snapshot, table)
        engine.bind(table, schema, [_seen(file, snapshot.root, settings.files) for file in found.files])
        missing |= found.missing
    engine.bind(
        "aside", ASIDE, [_seen(file, snapshot.root, settings.files) for file in aside_files(snapshot)]
    )
    engine.register("batch", batch_table(snapshot, missing))
    return engine


def _seen(file: Path, root: Path, files: str) -> str:
    """A file of the store as the workers see it. What Spark would take for a pattern is none."""
    name = f"{files.rstrip('/')}/{file.relative_to(root)}" if files else f"file://{file.absolute()}"
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", name)


def spark_memory_engine(
    tables: Mapping[str, pa.Table] | None = None, settings: EngineSettings | None = None
) -> SparkEngine:
    """An engine over Arrow tables alone, as `memory_engine` of DuckDB is. Missing columns are NULL."""
    session = open_session(settings or EngineSettings(kind="spark"))
    engine = SparkEngine(session, Path(tempfile.mkdtemp(prefix="haechi-spark-")), checkpoint="memory 0 -")
    for name, schema in SCHEMAS.items():
        given = (tables or {}).get(name)
        engine.register(name, schema.empty_table() if given is None else conform(given, schema))
    engine.register("batch", BATCH_VIEW.empty_table())
    engine.register("aside", ASIDE.empty_table())
    return engine
