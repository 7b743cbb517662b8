"""A store as it was at an earlier head of its log: the same records, wherever compaction has put them since.

What expired or was erased since then is gone from there too; `Past.gone` counts it, so that who compares knows why a
number cannot be had again.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from haechi.evidence import merkle
from haechi.evidence.checkpoint import Checkpoint
from haechi.model.errors import EvidenceError
from haechi.model.settings import StoreSettings
from haechi.model.words import TABLES
from haechi.store.catalog import Catalog
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.leaves import numbers_of
from haechi.store.open import open_engine
from haechi.store.store import Snapshot, Store


@dataclass(frozen=True)
class Past:
    """An engine over a store as it was. `gone`: records that were there then and are not now."""

    snapshot: Snapshot
    engine: DuckDBEngine
    gone: int


def at_head(store: Store, checkpoint: str) -> Catalog:
    """What the log said at a checkpoint "ORIGIN SIZE ROOT".

    Raises:
        EvidenceError: it is no head of this log: another log's, a longer one's, or one with another history.
    """
    head = _parse(checkpoint)
    log = store.log().open()
    if head.origin != log.checkpoint.origin:
        raise EvidenceError(
            "the report rests on another log than this store's",
            where=f"{head.origin}, here {log.checkpoint.origin}",
        )
    if head.size > log.checkpoint.size:
        raise EvidenceError(
            f"the report rests on {head.size} entries of the log, and this store has only {log.checkpoint.size}",
            todo="take the store that the report was made from, or a newer copy of it",
        )
    entries = list(log.entries(0, head.size))
    if merkle.tree_root([merkle.leaf_hash(entry) for entry in entries]) != head.root:
        raise EvidenceError(
            f"a fork: the first {head.size} entries of this log are not those that the report rests on"
        )
    return Catalog.of(entries)


@contextmanager
def opened(store: Store, checkpoint: str, settings: StoreSettings) -> Iterator[Past]:
    """The store as it was at a checkpoint. Raises as `at_head`."""
    with store.reading():
        then, now = at_head(store, checkpoint), store.snapshot()
        past = replace(now, head=_parse(checkpoint), catalog=_with_places(then, now.catalog))
        with closing(open_engine(past, settings)) as engine:
            _leave_out_newer(engine, then, now.catalog)
            yield Past(past, engine, _gone_since(then, now.catalog))


def _parse(checkpoint: str) -> Checkpoint:
    parts = checkpoint.rsplit(" ", 2)
    try:
        origin, size, root = parts
        return Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError:
        raise EvidenceError("the report names no checkpoint that can be read") from None


def _with_places(then: Catalog, now: Catalog) -> Catalog:
    """What was said then, with the places of today: which files hold the records, and which are gone."""
    seen = {batch.number for batch in then.batches}
    merged = replace(
        then,
        compactions=now.compactions,
        compacted={number: file for number, file in now.compacted.items() if number in seen},
        expired=now.expired & seen,
    )
    merged.erased.clear()
    merged.erased.update({number: rows for number, rows in now.erased.items() if number in seen})
    return merged


def _leave_out_newer(engine: DuckDBEngine, then: Catalog, now: Catalog) -> None:
    """A file of compacted records may hold newer batches too: by their numbers they follow on the last of then."""
    seen = {batch.number for batch in then.batches}
    mixed = {leaf.table for leaf in now.compactions.values() if not seen.issuperset(numbers_of(leaf.batches))}
    if not mixed:
        return
    bounds = [{"source": source, "next": number} for source, number in then.next_seq.items()]
    schema = pa.schema([("source", pa.string()), ("next", pa.int64())])
    engine.register("report_bound", pa.Table.from_pylist(bounds, schema=schema))
    for table in TABLES:
        if table in mixed:
            engine.execute(f"ALTER VIEW {table} RENAME TO {table}_later")
            engine.execute(
                f"CREATE TEMP VIEW {table} AS SELECT t.* FROM {table}_later AS t "
                "JOIN report_bound AS b ON b.source = t.source AND t.seq < b.next"
            )


def _gone_since(then: Catalog, now: Catalog) -> int:
    expired = sum(batch.rows for batch in then.batches if batch.number in now.expired - then.expired)
    erased = sum(
        now.erased.get(batch.number, 0) - then.erased.get(batch.number, 0)
        for batch in then.batches
        if batch.number not in now.expired
    )
    return expired + erased
