"""Turn one block of units into a batch's files. Runs in worker threads; shares nothing but the store's folder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from haechi.collect.framing import LONGEST_LINE
from haechi.collect.interface import Format, Framed, Projection, Sample
from haechi.collect.normalise import REASON, UNIT, Compiled, compile_query
from haechi.collect.recognise import others
from haechi.collect.routes.compile import RouteSql
from haechi.model.settings import SourceSettings
from haechi.model.tables import SCHEMAS
from haechi.model.words import Table
from haechi.store import columnar, layout
from haechi.store.columnar import folded
from haechi.store.keys import StoreKeys
from haechi.store.lending import connect
from haechi.store.prepare import REPEATING, Prepared, Task, prepare

OLDEST_US = 946_684_800_000_000  # 2000-01-01: a record dated earlier was written by a wrong clock
FURTHER_SAMPLE = 1000  # units that nobody could read, looked at to find a format for them
FETCH_ROWS = 122_880
FEW_ROWS = (
    16_384  # up to here a query is bound once and its rows copied; beyond, it streams and is bound twice
)
WORKER_MEMORY = "512MB"  # of each worker's engine: its queries stream, and hold a few thousand rows at a time
FURTHER_ROUNDS = 8  # of looking, as long as each one reads something
_local = threading.local()


@dataclass(frozen=True)
class Plan:
    """How the units of one file become records."""

    table: Table
    source: SourceSettings
    formats: tuple[Format, ...]
    queries: tuple[Compiled, ...]
    routes: RouteSql | None
    root: Path  # of the store
    keys: StoreKeys
    period: str  # whose person-period keys blind the records
    newest_us: int  # a record dated later was written by a wrong clock
    distrusted: threading.Event = field(default_factory=threading.Event)  # set once some unit was no JSON


@dataclass(frozen=True)
class Block:
    """A stretch of a file, cut into units, with its place."""

    number: int  # of the batch that it becomes
    path: str
    data: bytes
    framed: Framed
    begin: int
    line_from: int
    seq_from: int


@dataclass(frozen=True)
class Done:
    block: Block
    prepared: Prepared
    aside: pa.Table
    formats: tuple[str, ...]  # that read at least one unit
    odd_clock: int


def plan_queries(
    table: Table, projections: Sequence[Projection], routes: RouteSql | None
) -> tuple[Compiled, ...]:
    return tuple(compile_query(table, projection, routes) for projection in projections)


def work(plan: Plan, block: Block) -> Done:
    """Parse, normalise, hash and write one block."""
    connection = _connection(plan.root)
    units = pa.table(
        {UNIT: pa.array(np.arange(len(block.framed.text), dtype=np.int64)), "line": block.framed.text}
    )
    result, aside, used = _read_units(connection, plan, block, units)
    rows = folded(result.select(SCHEMAS[plan.table].names), REPEATING)
    texts = columnar.texts(rows)
    places = _places(plan, block, aside)
    offsets = block.framed.offsets.to_numpy()
    task = Task(
        plan.root,
        block.number,
        plan.table,
        plan.period,
        block.seq_from,
        rows,
        texts,
        places,
        block.data,
        offsets,
    )
    prepared = prepare(task, plan.keys, connection)
    return Done(block, prepared, places, used, _odd_clock(rows, prepared, plan.newest_us))


def _connection(root: Path) -> duckdb.DuckDBPyConnection:
    if not hasattr(_local, "connection"):
        _local.connection = connect(WORKER_MEMORY, threads=1, spill=layout.spill_folder(root))
        # The queries are straight pipelines. Planning them costs as much as reading 5,000 lines, and gains nothing.
        _local.connection.execute("PRAGMA disable_optimizer")
    connection: duckdb.DuckDBPyConnection = _local.connection
    return connection


def _read_units(
    connection: duckdb.DuckDBPyConnection, plan: Plan, block: Block, units: pa.Table
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Try the formats in order, each on what those before it could not read; then any other that knows the rest.

    Answers the records, the units set aside with the first format's reason, and the names of formats that read any.
    """
    parts: list[pa.Table] = []
    used: list[str] = []
    asides: pa.Table | None = None
    queue = list(zip(plan.formats, plan.queries, strict=True))
    rounds, read = 0, 0
    while queue:
        form, compiled = queue.pop(0)
        rest = units if asides is None else units.take(asides[UNIT])
        result = _query(connection, plan, compiled, rest, block.seq_from)
        failed = result[REASON].is_valid()
        good = result.filter(pc.invert(failed)) if pc.any(failed).as_py() else result
        parts.append(good)
        used += [form.name] if len(good) and form.name not in used else []
        read += len(good)
        bad = result.filter(failed).select([UNIT, REASON])
        asides = (
            bad
            if asides is None
            else asides.filter(pc.is_in(asides[UNIT], value_set=bad[UNIT].combine_chunks()))
        )
        if not len(asides):
            break
        if not queue and rounds < FURTHER_ROUNDS and (read or not rounds):
            rounds, read = rounds + 1, 0
            queue = _further(plan, units.take(asides[UNIT].slice(0, FURTHER_SAMPLE)))
    rows = pa.concat_tables(parts)
    assert asides is not None  # at least one format was tried
    return (rows.sort_by("seq") if sum(1 for part in parts if len(part)) > 1 else rows), asides, tuple(used)


def _further(plan: Plan, leftover: pa.Table) -> list[tuple[Format, Compiled]]:
    """Formats that know units which nobody could read so far.

    Some that nothing in the file's head spoke for, and some tried already: what they expect depends on their sample.
    """
    lines = leftover["line"].to_pylist()
    found = others(lines, plan.formats[0])
    sample = Sample("\n".join(line.strip("\r\n") for line in lines).encode("utf-8", "replace"), True)
    projections = [form.projection(sample, plan.source) for form in found]
    return list(zip(found, plan_queries(plan.table, projections, plan.routes), strict=True))


def _query(
    connection: duckdb.DuckDBPyConnection, plan: Plan, compiled: Compiled, units: pa.Table, seq: int
) -> pa.Table:
    """Run the query, trusting the input until it lets us down the first time."""
    connection.register("units", units)
    if not plan.distrusted.is_set():
        try:
            return compiled.whole(
                _fetch(connection, compiled.text(trusting=True), len(units)), plan.source.name, seq
            )
        except _Unreadable:
            plan.distrusted.set()
    return compiled.whole(_query_carefully(connection, compiled.text(), units), plan.source.name, seq)


class _Unreadable(Exception):
    """The query failed as a whole on some unit's content."""


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str, rows: int) -> pa.Table:
    """The result of a query over so many units."""
    try:
        if rows <= FEW_ROWS:
            return connection.execute(sql).to_arrow_table()
        return connection.sql(sql).to_arrow_reader(FETCH_ROWS).read_all()
    except (duckdb.OutOfMemoryException, duckdb.ParserException, duckdb.BinderException):
        raise
    # From the second chunk on Arrow tells the engine's error as an OSError; an error whose text was cut within a
    # character comes as a UnicodeDecodeError. Neither says anything of the disk.
    except (duckdb.Error, OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise _Unreadable(type(error).__name__) from None


def _query_carefully(connection: duckdb.DuckDBPyConnection, sql: str, units: pa.Table) -> pa.Table:
    """Run the query; a unit on which it fails outright is found by halving and set aside with the error's kind."""
    connection.register("units", units)
    try:
        return _fetch(connection, sql, len(units))
    except _Unreadable as error:
        if len(units) > 1:
            half = len(units) // 2
            parts = [units.slice(0, half), units.slice(half)]
            return pa.concat_tables([_query_carefully(connection, sql, part) for part in parts])
        kind = str(error)
    connection.register("units", units.slice(0, 0))
    shape = _fetch(connection, sql, 0).schema
    known = {UNIT: units[UNIT], REASON: pa.chunked_array([[f"a value cannot be converted ({kind})"]])}
    columns = [known[f.name].cast(f.type) if f.name in known else pa.nulls(1, f.type) for f in shape]
    return pa.table(columns, schema=shape)


def _places(plan: Plan, block: Block, asides: pa.Table) -> pa.Table:
    """Where in the file the units that were set aside stand."""
    at = asides[UNIT].combine_chunks()
    after = pc.add(at, 1)
    begins, ends = block.framed.offsets.take(at), block.framed.offsets.take(after)
    lengths = pc.subtract(ends, begins)
    too_long = pc.greater(lengths, LONGEST_LINE)
    reasons = pc.if_else(too_long, f"longer than {LONGEST_LINE:,} bytes", asides[REASON].combine_chunks())
    count = len(asides)
    return pa.table(
        {
            "source": pa.array([plan.source.name] * count, pa.string()),
            "seq": pc.add(at, block.seq_from),
            "path": pa.array([block.path] * count, pa.string()),
            "line": pc.add(block.framed.lines.take(at), block.line_from),
            "offset": pc.add(begins, block.begin),
            "length": lengths,
            "reason": reasons,
        }
    )


def _odd_clock(rows: pa.Table, prepared: Prepared, newest_us: int) -> int:
    if prepared.first is None or prepared.last is None:
        return 0
    if prepared.first >= OLDEST_US and prepared.last <= newest_us:
        return 0
    micros = pc.cast(rows["time"], pa.int64())
    return int(pc.sum(pc.or_(pc.less(micros, OLDEST_US), pc.greater(micros, newest_us))).as_py() or 0)
