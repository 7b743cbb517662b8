"""Carried state of a store: make what is missing, block by block, and show it to an engine as views.

    person_day(entity_kind, entity, day, subject)                     whose data was asked for, each person once
    entity_day(entity_kind, entity, day, requests, personal, told)    how often
    actor_use(actor, actor_kind, program, ...)                        sql/actor_use.sql, over the whole store
    use_day(client_ip, client, key, actor, day, ...)                  what an account did from there on a local day

Each block is made from its batches' records, or merged from smaller blocks that are there; both give the same rows in
the same order. The files are a cache: whoever finds one missing makes it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from haechi.detect.prepare import ASKED_SUBJECT
from haechi.evidence import durable
from haechi.model.errors import StoreError
from haechi.store import layout
from haechi.store.interface import Engine
from haechi.store.locks import disk_error
from haechi.store.open import record_files
from haechi.store.sql import literal
from haechi.store.state import Block, blocks, content, state_file
from haechi.store.store import Snapshot

SQL = Path(__file__).parent / "sql"
ROWS_A_GROUP = 122_880
# table -> the columns that its rows are sorted by, which tell every row apart
TABLES = {
    "person_day": "entity_kind, entity, day, subject",
    "entity_day": "entity_kind, entity, day",
    "actor_use": "actor_kind NULLS FIRST, actor, program",
    "use_day": "client_ip NULLS FIRST, client NULLS FIRST, key NULLS FIRST, actor NULLS FIRST, day",
}
_TEXT, _COUNT, _BOOL, _DAY = pa.string(), pa.int64(), pa.bool_(), pa.date32()
_ENTITY = [("entity_kind", _TEXT), ("entity", _TEXT), ("day", _DAY)]
_NOTHING = {
    "person_day": pa.schema([*_ENTITY, ("subject", _TEXT)]),
    "entity_day": pa.schema([*_ENTITY, ("requests", _COUNT), ("personal", _COUNT), ("told", _COUNT)]),
    "actor_use": pa.schema(
        [
            *[
                ("actor", _TEXT),
                ("actor_kind", _TEXT),
                ("program", _TEXT),
                ("accesses", _COUNT),
                ("own", _BOOL),
            ],
            *[("first_other", _TEXT), ("last_other", _TEXT), ("looks", _BOOL), ("direct", _BOOL)],
        ]
    ),
    "use_day": pa.schema(
        [
            *[("client_ip", _TEXT), ("client", _TEXT), ("key", _TEXT), ("actor", _TEXT), ("day", _DAY)],
            *[("hours", pa.int32()), ("requests", _COUNT), ("personal", _COUNT), ("other", _COUNT)],
            *[("someone", _TEXT), ("someone_else", _TEXT)],
        ]
    ),
}
# The columns of `access` that state is made of.
_COLUMNS = (
    "time, source, seq, credential, key, actor, actor_kind, client_ip, client, path, action, subject, subjects, "
    "fields, status"
)
SPANS = pa.schema([("source", pa.string()), ("first", pa.int64()), ("last", pa.int64())])


@dataclass(frozen=True)
class Made:
    """What `State.make` did, in blocks. `kept`: they were there already."""

    kept: int = 0
    merged: int = 0
    read: int = 0


class State:
    """The state that belongs to a snapshot, in the days of a time zone.

    Only while `Store.reading()` is held from before the snapshot was taken: an erasure then waits, and nothing of
    an erased person is written again behind it.
    """

    def __init__(self, snapshot: Snapshot, zone: str, folder: Path | None = None) -> None:
        self._snapshot, self._zone = snapshot, zone
        self.folder = (folder or layout.state_folder(snapshot.root)) / version(zone)
        self._files = record_files(snapshot, "access")
        missing = self._files.missing
        whats = {b: content(snapshot.catalog, b, missing) for b in blocks(snapshot.catalog.next_number)}
        self._blocks = {block: what for block, what in whats.items() if what}

    def make(self, engine: Engine, progress: Callable[[int, int], None] | None = None) -> Made:
        """Make the files that are missing. `progress` is told (blocks done, blocks).

        Raises:
            StoreError: the disk is full, or the store cannot be written.
        """
        done = {"kept": 0, "merged": 0, "read": 0}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for n, (block, what) in enumerate(self._blocks.items(), 1):
                done[self._make(engine, block, what)] += 1
                if progress:
                    progress(n, len(self._blocks))
        except OSError as error:
            raise disk_error(error, self._snapshot.root) from error
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise StoreError(
                "the state cannot be written, or a file of records or state cannot be read",
                where=str(self.folder),
                kept="all records: state is made of them, and can be made again",
                todo="free some space; if that is not it, run haechi rebuild, and haechi verify for the records",
            ) from error
        return Made(**done)

    def files(self, table: str) -> list[Path]:
        """The files of one table, of all blocks, after `make`."""
        return [state_file(self.folder, block, what, table) for block, what in self._blocks.items()]

    def bind(self, engine: Engine) -> None:
        """Show the state as views, one a table."""
        for table, empty in _NOTHING.items():
            files = self.files(table)
            engine.register(f"{table}_empty", empty.empty_table())
            made = _merged(table, files) if files else f"SELECT * FROM {table}_empty"
            engine.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {made}")

    def _make(self, engine: Engine, block: Block, what: str) -> str:
        if self._there(block, what):
            return "kept"
        whats = {part: content(self._snapshot.catalog, part, self._files.missing) for part in block.parts()}
        parts = {part: what for part, what in whats.items() if what}
        if any(self._there(part, what) for part, what in parts.items()):
            for part, what_part in parts.items():  # the newest, whose records no state holds yet
                self._make(engine, part, what_part)
            for table in TABLES:
                files = [state_file(self.folder, part, w, table) for part, w in parts.items()]
                _write(engine, table, _merged(table, files), state_file(self.folder, block, what, table))
            return "merged"
        self._read(engine, block)
        for table in TABLES:
            _write(engine, table, sql(table), state_file(self.folder, block, what, table))
        engine.execute("DROP TABLE state_step")
        engine.execute("DROP TABLE state_hour")
        return "read"

    def _there(self, block: Block, what: str) -> bool:
        return all(state_file(self.folder, block, what, table).is_file() for table in TABLES)

    def _read(self, engine: Engine, block: Block) -> None:
        """Show the records of a block's batches as `state_record`, and count them by everything in `state_step`."""
        engine.execute(f"CREATE OR REPLACE TEMP VIEW state_record AS {self._records(engine, block)}")
        _step(engine, self._zone)

    def _records(self, engine: Engine, block: Block) -> str:
        inside = range(block.first, block.end)
        own = [file for file, numbers in self._files.own.items() if numbers[0] in inside]
        shared = [f for f, numbers in self._files.compact.items() if any(n in inside for n in numbers)]
        relations = [f"SELECT {_COLUMNS} FROM {_parquet(own)}"] if own else []
        if shared:
            # A file of a day holds other blocks' batches too.
            engine.register("state_span", pa.Table.from_pylist(list(self._spans(inside)), SPANS))
            relations.append(
                f"SELECT {_COLUMNS} FROM {_parquet(shared)} AS r "
                "SEMI JOIN state_span AS s ON s.source = r.source AND r.seq BETWEEN s.first AND s.last"
            )
        return " UNION ALL ".join(relations)

    def _spans(self, inside: range) -> Iterator[dict[str, str | int]]:
        """Where the records of compacted batches stand, neighbours as one."""
        catalog, found = self._snapshot.catalog, list[dict[str, str | int]]()
        for number in inside:
            batch = catalog.batch(number)
            if batch.table != "access" or number not in catalog.compacted or number in catalog.expired:
                continue
            if found and found[-1]["source"] == batch.source and found[-1]["last"] == batch.seq_from - 1:
                found[-1]["last"] = batch.seq_to
            else:
                found.append({"source": batch.source, "first": batch.seq_from, "last": batch.seq_to})
        yield from found


def provide_state(
    engine: Engine, snapshot: Snapshot, zone: str, progress: Callable[[int, int], None] | None = None
) -> Made | None:
    """Show the state of a snapshot, made as far as it is missing.

    None: it could not be kept (a full disk, a store that this account may only read), and was made for this engine.
    """
    state = State(snapshot, zone)
    try:
        made = state.make(engine, progress)
    except StoreError:
        bind_records(engine, zone)
        return None
    state.bind(engine)
    return made


def bind_records(engine: Engine, zone: str) -> None:
    """Show the state of whatever records an engine sees, made on the spot: where there is no store to keep it in."""
    engine.execute(f"CREATE OR REPLACE TEMP VIEW state_record AS SELECT {_COLUMNS} FROM access")
    _step(engine, zone)
    for table in TABLES:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {sql(table)}")


def _step(engine: Engine, zone: str) -> None:
    """Make what state is counted from, out of `state_record`."""
    engine.execute(ASKED_SUBJECT)
    for name in ("hour", "step"):
        engine.execute(sql(name).replace("$zone", literal(zone)))


@cache
def sql(name: str) -> str:
    """One of the queries of `sql/`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


@cache
def version(zone: str) -> str:
    """How state is made, as 16 hex digits: the queries that make it, and whose local days they count."""
    digest = hashlib.sha256(zone.encode())
    digest.update(ASKED_SUBJECT.encode())
    for name in ("hour", "step", *TABLES, *(f"{table}_merged" for table in TABLES)):
        digest.update(sql(name).encode())
    return digest.hexdigest()[:16]


def _parquet(files: list[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def _merged(table: str, files: list[Path]) -> str:
    """The rows of several files of one table, as one."""
    return sql(f"{table}_merged").replace("state_part", _parquet(files))


def _write(engine: Engine, table: str, query: str, place: Path) -> None:
    """Write rows, sorted, to a file that is there as a whole or not at all. Another process may write the same."""
    waiting = place.with_name(f"{place.name}.{os.getpid()}.tmp")
    try:
        engine.execute(
            f"COPY (SELECT * FROM ({query}\n) ORDER BY {TABLES[table]}) TO {literal(str(waiting))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_A_GROUP})"
        )
        with waiting.open("rb") as file:
            os.fsync(file.fileno())
        waiting.replace(place)
        durable.sync_directory(place.parent)
    finally:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
