"""One DuckDB that a process keeps for those who only read: each sees what is its own, and a broken one is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from haechi.model.tables import SCHEMAS
from haechi.store import duckdb_engine
from haechi.store.duckdb_engine import MOST_KEPT, DuckDBEngine, borrow


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    duckdb_engine._KEPT.clear()
    yield
    duckdb_engine._KEPT.clear()


def engine(memory: str = "64MB") -> DuckDBEngine:
    return DuckDBEngine(borrow(memory, threads=1))


def test_each_sees_its_own_tables_only() -> None:
    with closing(engine()) as one, closing(engine()) as other:
        for number, each in enumerate((one, other)):
            each.bind("access", SCHEMAS["access"], [])
            each.register("given", pa.table({"n": [number]}))
            each.execute("CREATE TEMP TABLE made AS SELECT n + 10 AS n FROM given")
            each.execute("CREATE TEMP MACRO named(x) AS x + (SELECT any_value(n) FROM made)")
        assert one.rows("SELECT n, named(0) FROM made") == [(10, 10)]
        assert other.rows("SELECT n, named(0) FROM made") == [(11, 11)]
        assert one.rows("SELECT count(*) FROM access") == [(0,)]
    with closing(engine()) as next_one, pytest.raises(duckdb.CatalogException):
        next_one.rows("SELECT * FROM made")
    assert len(duckdb_engine._KEPT) == 1


def test_an_empty_table_has_the_types_of_its_columns(tmp_path: Path) -> None:
    for table, schema in SCHEMAS.items():
        with closing(engine()) as one:
            one.bind(table, schema, [])
            assert one.arrow(f"SELECT * FROM {table}").schema.equals(schema), table


def test_threads_read_at_once() -> None:
    def asked(number: int) -> int:
        with closing(engine()) as one:
            one.execute("CREATE TEMP TABLE made AS SELECT unnest(range($n)) AS n", {"n": number})
            return int(one.rows("SELECT count(*) FROM made")[0][0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, range(200))) == list(range(200))


def test_few_are_kept_and_who_still_reads_may_go_on() -> None:
    with closing(engine("64MB")) as first:
        for memory in range(65, 70):
            engine(f"{memory}MB").close()
        assert len(duckdb_engine._KEPT) == MOST_KEPT
        assert first.rows("SELECT 1") == [(1,)]


def test_a_broken_one_is_replaced() -> None:
    engine().close()
    (kept,) = duckdb_engine._KEPT.values()
    kept.close()
    with closing(engine()) as after:
        assert after.rows("SELECT current_setting('TimeZone')") == [("UTC",)]
