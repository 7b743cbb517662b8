"""Which rows a pack is to hold: spooled to files in the order of their batches, so that any number of them fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from haechi.model.errors import InputError
from haechi.proof.manifest import Gone
from haechi.proof.whose import COLUMNS
from haechi.store import canonical
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.interface import Engine
from haechi.store.leaves import ranges
from haechi.store.look_up import looked_up, of_person
from haechi.store.sql import literal

_STEP: Final = 8_192  # rows in memory at once
_TIMED: Final = ("access", "issuance")


@dataclass(frozen=True)
class Window:
    """A span of time, microseconds since 1970 UTC: from `first`, before `end`; None: open."""

    first: int | None = None
    end: int | None = None

    def sql(self) -> str:
        """The condition on `time`. A record without a time lies in every window."""
        parts = [f"time >= make_timestamp({self.first}::BIGINT)"] if self.first is not None else []
        parts += [f"time < make_timestamp({self.end}::BIGINT)"] if self.end is not None else []
        return f"(time IS NULL OR ({' AND '.join(parts)}))" if parts else "true"

    def meets(self, header: BatchHeader) -> bool:
        """Whether a batch can hold records in it."""
        before = self.end is not None and header.first is not None and header.first >= self.end
        after = self.first is not None and header.last is not None and header.last < self.first
        return not before and not after


@dataclass(frozen=True)
class Spooled:
    """Rows of one table with their canonical texts, in (source, seq) order, in a file of their own."""

    table: str
    path: Path

    def chunks(self) -> Iterator[pa.Table]:
        """The rows, some thousands at a time."""
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_STEP):
                yield pa.Table.from_batches([batch])


def select_person(engine: Engine, person: str, window: Window, folder: Path) -> list[Spooled]:
    """The rows whose data subject is the person, or whose actor where no subject is named; of every table."""
    found = []
    for table, columns in COLUMNS.items():
        span = window.sql() if table in _TIMED else "true"
        conditions = [f"{condition} AND {span}" for condition in of_person(columns, person)]
        found += _spool(engine, table, looked_up(engine, table, conditions), folder)
    return found


def select_record(engine: Engine, header: BatchHeader, seq: int, folder: Path) -> list[Spooled]:
    """One unit of a batch: a record, or a line set aside.

    Raises `InputError` where it is not there any more.
    """
    where = f"source = {literal(header.source)} AND seq = {seq}"
    for table in (header.table, "aside"):
        found = _spool(engine, table, f"SELECT * FROM {table} WHERE {where}", folder)
        if found:
            return found
    raise InputError(
        "the record is not in the store any more",
        where=f"{header.source}, number {seq}, batch {header.number}",
        todo="it was erased, or its file is missing: haechi verify tells which",
    )


def select_accesses(engine: Engine, wanted: pa.Table, folder: Path) -> list[Spooled]:
    """The access records of these identities: `source, seq`."""
    engine.register("proof_wanted", wanted.select(["source", "seq"]))
    sql = "SELECT a.* FROM access AS a SEMI JOIN proof_wanted AS w ON a.source = w.source AND a.seq = w.seq"
    return _spool(engine, "access", sql, folder)


def select_rows(engine: Engine, wanted: pa.Table, folder: Path) -> list[Spooled]:
    """The records of these identities: `table, source, seq`."""
    engine.register("proof_rows", wanted)
    found: list[Spooled] = []
    for table in sorted(set(wanted["table"].to_pylist())):
        sql = (
            f"SELECT a.* FROM {table} AS a SEMI JOIN proof_rows AS w "
            f"ON a.source = w.source AND a.seq = w.seq AND w.table = {literal(table)}"
        )
        found += _spool(engine, table, sql, folder)
    return found


def _spool(engine: Engine, table: str, rows: str, folder: Path) -> list[Spooled]:
    path = folder / f"spool-{table}.parquet"
    made = canonical.with_canonical(table, f"({rows})")
    engine.execute(
        f"COPY ({made} ORDER BY source, seq) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_STEP})"
    )
    return [Spooled(table, path)] if pq.read_metadata(path).num_rows else []


def batch_of(catalog: Catalog, source: str, seq: int) -> BatchHeader:
    """The batch in which a source has that number. Raises `InputError` where there is none, or it expired."""
    for header in catalog.batches:
        if header.source == source and header.seq_from <= seq <= header.seq_to:
            break
    else:
        raise _unknown(catalog, source, seq)
    if header.number in catalog.expired:
        raise InputError(
            "the record's retention ended, and it was removed",
            where=f"{source}, number {seq}, batch {header.number}",
            todo="the log's entry on the expiry says when and by whom: haechi coverage",
        )
    return header


def _unknown(catalog: Catalog, source: str, seq: int) -> InputError:
    own = [header for header in catalog.batches if header.source == source]
    if own:
        first, last = min(header.seq_from for header in own), max(header.seq_to for header in own)
        return InputError(
            f"there is no record number {seq} of the source {source!r}",
            todo=f"its numbers go from {first} to {last}",
        )
    known = sorted({header.source for header in catalog.batches})
    todo = f"sources are: {', '.join(known[:20])}" if known else "collect something first"
    return InputError(f"there is no source {source!r} in the store", todo=todo)


def gone(engine: Engine, catalog: Catalog, tables: frozenset[str], window: Window) -> list[Gone]:
    """Batches that can hold records of these tables in the window, and whose files are not there any more."""
    missing = {int(row[0]) for row in engine.rows("SELECT id FROM batch WHERE gone = 'missing'")}
    found: dict[tuple[str, str], list[BatchHeader]] = {}
    for header in catalog.batches:
        if header.table in tables and header.rows and window.meets(header):
            if header.number in catalog.expired:
                found.setdefault(("expired", header.source), []).append(header)
            elif header.number in missing:
                found.setdefault(("missing", header.source), []).append(header)
    return [_gone(why, source, headers) for (why, source), headers in sorted(found.items())]


def _gone(why: str, source: str, headers: list[BatchHeader]) -> Gone:
    firsts = [header.first for header in headers if header.first is not None]
    lasts = [header.last for header in headers if header.last is not None]
    return Gone(
        why="expired" if why == "expired" else "missing",
        source=source,
        batches=list(ranges([header.number for header in headers])),
        rows=sum(header.rows for header in headers),
        first=min(firsts, default=None),
        last=max(lasts, default=None),
    )
