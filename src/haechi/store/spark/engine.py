"""Spark behind the engine interface.

Beside Spark stands a DuckDB in which every table and view is declared, without a row: it binds each query first. So a
wrong query is refused in the same words as ever, and names and types of an answer are DuckDB's, to which Spark's are
then cast.

Temporary tables are Parquet files in a folder that all workers see. A worker that dies takes nothing with it that the
others need: what it was doing is done again from these files.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp
from sqlglot.errors import SqlglotError

from haechi.model.errors import EngineError
from haechi.store.lending import connect
from haechi.store.spark import dialect
from haechi.store.spark.steps import Step, in_steps
from haechi.store.spark.types import spark_type
from haechi.store.sql import literal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_READ = re.compile(r"read_parquet\(\[([^\]]*)\]")
_MADE = re.compile(
    r"(?:\s+|--[^\n]*\n)*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+)?TABLE\s+\w+\s+AS\b", re.I
)
LITTLE = 32_000_000  # bytes that a query may read for its answer to be fetched by the driver
FEW = 1_000  # rows that the driver hands to Spark with each query; more are a file
Part: TypeAlias = Any  # of a table: the name of a file, or an Arrow table
_ABOUT_SQL = ("json_serialize_sql", "json_deserialize_sql")


class SparkEngine:
    """An `Engine` over Spark. Views are bound by whoever opens it: `open_spark` or `spark_memory_engine`."""

    def __init__(self, session: SparkSession, work: Path, checkpoint: str = "") -> None:
        """`work`: a folder of the engine's own, seen by driver and workers under the same name. It goes at the end."""
        self.checkpoint = checkpoint
        self.folder: Path | None = work
        self.memory = 1 << 62  # Spark cuts its work by itself
        self.bit_sets = False
        self._spark, self._work = session, work
        self._twin = connect("256MB", threads=1)
        self._macros: dict[str, exp.Create] = {}
        self._parts: dict[str, list[Part]] = {}
        self._waiting: dict[str, pa.Table] = {}  # registered, and not named by any query so far
        self._views: dict[str, set[str]] = {}  # what each view names
        self._steps: list[
            tuple[str, list[Part]]
        ] = []  # of the statement that runs: names, and where they lie
        self._written = 0

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        if any(name in sql for name in _ABOUT_SQL):
            return self._twin.execute(sql, dict(params or {})).fetchall()
        tree = _parsed(sql)
        described = self.columns(sql, params)
        with self._steps_gone():
            table = self._answer(tree, params, described)
        kinds = [kind for _, kind in described]
        columns = [_values(table.column(n), kind) for n, kind in enumerate(kinds)]
        return list(zip(*columns, strict=True)) if columns else []

    def arrow(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        described = self.columns(sql, params)
        limited = f"SELECT * FROM (\n{sql}\n) LIMIT 0"
        schema = _arrow(self._bound(limited, params)).schema
        with self._steps_gone():
            answer = self._answer(_parsed(sql), params, described)
        return answer.rename_columns(schema.names).cast(schema)

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        tree = _parsed(sql)
        with self._steps_gone():
            if isinstance(tree, exp.Create):
                self._create(tree, sql, params)
            elif isinstance(tree, exp.Insert):
                self._insert(tree, params)
            elif isinstance(tree, exp.Delete):
                self._delete(tree, params)
            elif isinstance(tree, exp.Drop):
                self._drop(_table_of(tree))
            elif isinstance(tree, exp.Copy):
                self._copy(tree, params)
            else:
                raise EngineError("Spark does not run this kind of statement.", where=sql.split(None, 1)[0])

    def keep(self, name: str, *sql: str, params: Mapping[str, Any] | None = None) -> None:
        self.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {' UNION ALL '.join(sql)}", params)

    def register(self, name: str, table: pa.Table) -> None:
        self._forget(name)
        # A table and not a view of what Python holds: it must outlive the call.
        self._twin.register("registered_now", table.schema.empty_table())
        self._twin.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM registered_now')
        self._twin.unregister("registered_now")
        self._waiting[name.lower()] = table

    def columns(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
        described = self._bound(f"DESCRIBE {self._local(sql)}", params).fetchall()
        return [(str(row[0]), str(row[1])) for row in described]

    def holding(self, table: str, *conditions: str) -> list[str]:
        return [table] * len(conditions)

    def close(self) -> None:
        self._twin.close()
        for name in list(self._parts):
            self._spark.catalog.dropTempView(name)
        shutil.rmtree(self._work, ignore_errors=True)

    def bind(self, name: str, schema: pa.Schema, files: Sequence[str]) -> None:
        """Make a view over exactly these Parquet files, which are named as the workers see them."""
        if not files:
            self.register(name, schema.empty_table())
            return
        self._declare(name, schema)
        with _told():
            self._read(schema, files).createOrReplaceTempView(name)

    # --- statements ---------------------------------------------------------------------------------------------------

    def _create(self, tree: exp.Create, sql: str, params: Mapping[str, Any] | None) -> None:
        if tree.kind == "MACRO":
            self._twin.execute(sql)
            self._macros[tree.this.this.name.lower()] = tree
            return
        name = tree.this.this.name if isinstance(tree.this, exp.Schema) else tree.this.name
        if tree.kind == "VIEW":
            self._forget(name)
            self._bound(sql, params)
            self._bring(tree.expression)
            self._views[name.lower()] = _tables(tree.expression)
            with _told():
                text = _for_spark(tree.expression, params, self._macros)
                self._spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW `{name}` AS {text}")
            return
        if isinstance(tree.this, exp.Schema):
            self._forget(name)
            self._bound(sql, params)
            self._show(name, [])
            return
        # What is NULL and nothing else has a type only once it stands in a table.
        described = [
            (column, "INTEGER" if kind == '"NULL"' else kind) for column, kind in self._describe(sql, params)
        ]
        part = self._keep(self._frame(tree.expression, params, described))
        self._forget(name)
        columns = ", ".join(f'"{column}" {kind}' for column, kind in described)
        self._twin.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')
        self._show(name, [part])

    def _describe(self, sql: str, params: Mapping[str, Any] | None) -> list[tuple[str, str]]:
        """Names and types of what a CREATE TABLE AS makes, from the statement's own text: its lines are the rule's."""
        found = _MADE.match(sql)
        if found is None:
            raise EngineError("Spark cannot read where the query of this table begins.")
        return self.columns(sql[found.end() :], params)

    def _insert(self, tree: exp.Insert, params: Mapping[str, Any] | None) -> None:
        name = tree.this.name
        query = tree.expression
        if tree.args.get("with_") is not None:  # stands before INSERT, and is the query's
            query = query.copy()
            query.set("with_", tree.args["with_"].copy())
        frame = self._frame(query, params, self.columns(f'SELECT * FROM "{name}"'))
        self._show(name, [*self._parts[name], self._keep(frame)])

    def _delete(self, tree: exp.Delete, params: Mapping[str, Any] | None) -> None:
        name, where = tree.this.name, tree.args["where"].this
        kept = exp.select("*").from_(exp.to_table(name)).where(exp.Not(this=call_coalesce(where)))
        self._show(name, [self._keep(self._frame(kept, params, self.columns(f'SELECT * FROM "{name}"')))])

    def _drop(self, name: str) -> None:
        self._forget(name)
        self._spark.catalog.dropTempView(name)

    def _forget(self, name: str) -> None:
        """What bore this name in the twin, table or view, and which files were its own."""
        _remove(self._parts.pop(name, ()))
        self._waiting.pop(name.lower(), None)
        self._views.pop(name.lower(), None)
        kinds = self._twin.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = $name", {"name": name}
        ).fetchall()
        for (kind,) in kinds:
            self._twin.execute(f'DROP {"VIEW" if kind == "VIEW" else "TABLE"} IF EXISTS "{name}"')

    def _copy(self, tree: exp.Copy, params: Mapping[str, Any] | None) -> None:
        """Into the engine's own folder Spark writes by itself; any other file is the driver's, written by DuckDB."""
        target = Path(tree.args["files"][0].name)
        query = tree.this.this
        options = {param.this.name.lower(): param.args.get("expression") for param in tree.args["params"]}
        described = self.columns(query.sql("duckdb"), params)
        frame = self._frame(query, params, described)
        with _told():
            if "partition_by" in options:
                frame.write.mode("append").partitionBy("slice").parquet(str(target))
                return
            if target.is_relative_to(self._work):
                frame.write.parquet(str(target))
                return
        file = Path(self._save(frame))
        parts = ", ".join(literal(str(part)) for part in sorted(file.glob("*.parquet")))
        texts = ", ".join(f"{param.sql('duckdb')}" for param in tree.args["params"])
        self._twin.execute(f"COPY (FROM read_parquet([{parts}])) TO {literal(str(target))} ({texts})")
        shutil.rmtree(file, ignore_errors=True)

    # --- frames -------------------------------------------------------------------------------------------------------

    def _frame(
        self, tree: exp.Expr, params: Mapping[str, Any] | None, described: Sequence[tuple[str, str]]
    ) -> DataFrame:
        """A query's answer, not yet worked out, with these columns."""
        first, tree = in_steps(self._with_files(tree), self._fresh)
        for step in first:
            self._work_out(step, params)
        self._bring(tree)
        text = _for_spark(tree, params, self._macros)
        names = [f"c{n}" for n in range(len(described))]
        columns = ", ".join(
            f"CAST({name} AS {spark_type(kind)}) AS `{column}`"
            for name, (column, kind) in zip(names, _unique(described), strict=True)
        )
        with _told():
            return self._spark.sql(f"SELECT {columns} FROM (\n{text}\n) AS answer({', '.join(names)})")

    def _work_out(self, step: Step, params: Mapping[str, Any] | None) -> None:
        """Let a step's name be its answer, with the types that Spark gives it."""
        self._bring(step.query)
        with _told():
            frame = self._spark.sql(_for_spark(step.query, params, self._macros))
        # What has no type, or two columns of one name, stands in no file: it is worked out where it is used.
        names = {name.lower() for name in frame.columns}
        parts: list[Part] = []
        if len(names) == len(frame.columns) and not any("void" in kind for _, kind in frame.dtypes):
            parts = [self._keep(frame)]
            frame = self._seen(parts, frame.schema)
        self._steps.append((step.name, parts))
        with _told():
            frame.createOrReplaceTempView(step.name)

    @contextmanager
    def _steps_gone(self) -> Iterator[None]:
        """What was worked out on the way to a statement's end goes with it."""
        try:
            yield
        finally:
            while self._steps:
                name, parts = self._steps.pop()
                self._spark.catalog.dropTempView(name)
                _remove(parts)

    def _fresh(self) -> str:
        self._written += 1
        return f"step_{self._written}"

    def _bring(self, tree: exp.Expr) -> None:
        """Hand Spark the registered tables that a query is the first to name."""
        named, seen = _tables(tree), set[str]()
        while new := named - seen:  # a view names others
            seen |= new
            named |= set[str]().union(*(self._views.get(name, ()) for name in new))
        for name in named & self._waiting.keys():
            table = self._waiting.pop(name)
            with _told():
                self._spark.createDataFrame(_plain(table)).createOrReplaceTempView(name)

    def _answer(
        self, tree: exp.Expr, params: Mapping[str, Any] | None, described: Sequence[tuple[str, str]]
    ) -> pa.Table:
        with _told():
            return self._frame(tree, params, described).toArrow()

    def _save(self, frame: DataFrame) -> str:
        self._written += 1
        file = str(self._work / f"{self._written:06d}")
        with _told():
            frame.write.parquet(file)
        return file

    def _keep(self, frame: DataFrame) -> Part:
        """What a query answers, worked out now: with the driver where it was made of little, else as files."""
        if self._little(frame):
            with _told():
                table = frame.toArrow()
            if len(table) <= FEW and table.nbytes <= LITTLE:
                return table
            return self._put(table)
        return self._save(frame)

    def _put(self, table: pa.Table) -> str:
        """A table that the driver has at hand as a file: what is handed to Spark itself goes along with every task."""
        self._written += 1
        file = self._work / f"{self._written:06d}.parquet"
        file.touch(0o600)
        pq.write_table(table, file, compression="lz4")
        return str(file)

    def _little(self, frame: DataFrame) -> bool:
        """Whether all that a query reads is small. What it makes of that is looked at when it is there."""
        with _told():
            leaves = frame._jdf.queryExecution().optimizedPlan().collectLeaves()
            sizes = (int(str(leaves.apply(n).stats().sizeInBytes())) for n in range(leaves.size()))
            return sum(sizes) <= LITTLE

    def _show(self, name: str, parts: list[Part]) -> None:
        """Let a table be these parts, with the columns that the twin says it has."""
        described = self.columns(f'SELECT * FROM "{name}"')
        schema = _schema(described)
        at_hand = [part for part in parts if isinstance(part, pa.Table)]
        files = [part for part in parts if isinstance(part, str)]
        if len(at_hand) > 1 or not parts:
            whole = pa.concat_tables(at_hand) if at_hand else None
            at_hand = [whole] if whole is not None else []
        _remove(part for part in self._parts.get(name, ()) if isinstance(part, str) and part not in files)
        self._parts[name] = [*files, *at_hand]
        with _told():
            self._seen(self._parts[name], schema).createOrReplaceTempView(name)

    def _seen(self, parts: Sequence[Part], schema: StructType) -> DataFrame:
        """What stands in these parts."""
        files = [part for part in parts if isinstance(part, str)]
        at_hand = [part for part in parts if isinstance(part, pa.Table) and len(part)]
        with _told():
            frames = [self._spark.read.schema(schema).parquet(*files)] if files else []
            frames += [self._spark.createDataFrame(part, schema) for part in at_hand]
            frame = frames[0] if frames else self._spark.sql(_nothing(schema))
            for more in frames[1:]:
                frame = frame.unionAll(more)
            return frame

    def _read(self, schema: pa.Schema, files: Sequence[str]) -> DataFrame:
        from pyspark.sql.pandas.types import from_arrow_schema

        return self._spark.read.schema(from_arrow_schema(schema, prefer_timestamp_ntz=True)).parquet(*files)

    def _declare(self, name: str, schema: pa.Schema) -> None:
        self._forget(name)
        self._twin.register("registered_now", schema.empty_table())
        self._twin.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM registered_now')
        self._twin.unregister("registered_now")

    def _with_files(self, tree: exp.Expr) -> exp.Expr:
        """Files that a query names are views of their own."""
        if tree.find(exp.ReadParquet) is None:
            return tree
        tree = tree.copy()
        for found in list(tree.find_all(exp.ReadParquet)):
            names = [part.name for part in found.expressions[0].expressions]
            self._written += 1
            view = f"files_{self._written}"
            with _told():
                self._spark.read.parquet(*names).createOrReplaceTempView(view)
            found.replace(exp.to_identifier(view))
        return tree

    def _local(self, sql: str) -> str:
        """The query for the twin, which reads only the first of a step's files: it says the columns."""
        return _READ.sub(_first, sql)

    def _bound(self, sql: str, params: Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        return self._twin.execute(sql, dict(params)) if params else self._twin.execute(sql)


def call_coalesce(condition: exp.Expr) -> exp.Expr:
    """A condition that is not met where it is NULL."""
    return exp.Coalesce(this=exp.Paren(this=condition.copy()), expressions=[exp.false()])


def _remove(parts: Iterable[Part]) -> None:
    """The files among a table's parts, which nothing names any more."""
    for part in parts:
        if isinstance(part, str):
            shutil.rmtree(part, ignore_errors=True)
            Path(part).unlink(missing_ok=True)


def _schema(described: Sequence[tuple[str, str]]) -> StructType:
    from pyspark.sql.types import StructType

    schema = StructType.fromDDL(", ".join(f"`{column}` {spark_type(kind)}" for column, kind in described))
    assert isinstance(schema, StructType)
    return schema


def _nothing(schema: StructType) -> str:
    """A query without rows, of which Spark knows that it has none: a plan loses all that is joined with it."""
    columns = (f"CAST(NULL AS {field.dataType.simpleString()}) AS `{field.name}`" for field in schema)
    return f"SELECT {', '.join(columns)} WHERE false"


def _table_of(tree: exp.Expr) -> str:
    table = tree.find(exp.Table)
    return table.name if table is not None else ""


def _tables(tree: exp.Expr) -> set[str]:
    return {table.name.lower() for table in tree.find_all(exp.Table)}


def _first(found: re.Match[str]) -> str:
    names = [name for name in found[1].split(", ") if Path(name.strip("'")).is_file()]
    return f"read_parquet([{names[0]}]"


@lru_cache(maxsize=512)
def _parsed(sql: str) -> exp.Expr:
    try:
        return dialect.parse(sql)
    except SqlglotError as error:
        raise EngineError(f"The query cannot be read for Spark: {str(error).splitlines()[0][:200]}") from None
    except ValueError as error:
        raise EngineError(f"The query cannot be read for Spark: {error}.") from None


def _for_spark(tree: exp.Expr, params: Mapping[str, Any] | None, macros: dialect.Macros) -> str:
    """A query in Spark's words. What cannot be put so ends the rule that asks it, and no other."""
    try:
        return dialect.for_spark(tree, dict(params or {}), macros)
    except ValueError as error:
        raise EngineError(f"Spark cannot run this query: {error}.") from None
    except (LookupError, TypeError, AttributeError, StopIteration, SqlglotError) as error:
        why = f"it is of a shape that is not carried over ({type(error).__name__})"
        raise EngineError(f"Spark cannot run this query: {why}.") from None


def _unique(described: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Columns with names that differ, as a frame needs them; DuckDB lets an answer have one twice."""
    seen: set[str] = set()
    for n, (name, kind) in enumerate(described):
        yield (f"{name}_{n}" if name.lower() in seen else name), kind
        seen.add(name.lower())


def _arrow(answer: duckdb.DuckDBPyConnection) -> pa.Table:
    return answer.to_arrow_table()


def _values(column: pa.ChunkedArray, kind: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind == "HUGEINT":
        return [int(value) if isinstance(value, Decimal) else value for value in values]
    return values


def _plain(table: pa.Table) -> pa.Table:
    """Kinds of columns that Spark takes."""
    fields = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_null(kind):
            kind = pa.string()
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))


@contextmanager
def _told() -> Iterator[None]:
    """Spark's errors in our words. What a running query says may hold a value: only its kind is told."""
    from pyspark.errors import AnalysisException, ParseException, PySparkException

    try:
        yield
    except PySparkException as error:
        text = str(error)
        if "division by zero" in text and "LINE " in text:
            at = text.index("LINE ")
            raise EngineError(
                text[at : text.index("division by zero", at) + len("division by zero")]
            ) from None
        kind = error.getCondition() or type(error).__name__
        if isinstance(error, (AnalysisException, ParseException)):
            raise EngineError(f"Spark refused the query: {' '.join(text.split())[:400]}") from None
        raise EngineError(f"Spark could not run the query: {kind}.") from None
