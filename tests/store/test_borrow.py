"""One DuckDB that a process keeps for those who only read: each sees what is its own, and a broken one is replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.store.shop import Shop

from haechi.detect.runner import run_rules
from haechi.model.settings import Settings, StoreSettings
from haechi.model.tables import SCHEMAS
from haechi.store import layout, lending
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import MOST_KEPT, borrow, connect
from haechi.store.open import open_engine


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    lending._KEPT.clear()
    yield
    lending._KEPT.clear()


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
    assert len(lending._KEPT) == 1


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
        assert len(lending._KEPT) == MOST_KEPT
        assert first.rows("SELECT 1") == [(1,)]


class Broken:
    """What DuckDB leaves behind an error of its own: every statement fails from then on."""

    def cursor(self) -> Broken:
        return self

    def execute(self, _: str) -> None:
        raise duckdb.FatalException("database has been invalidated")


def test_a_broken_one_is_replaced() -> None:
    engine().close()
    (asked,) = lending._KEPT
    lending._KEPT[asked] = Broken()  # type: ignore[assignment]
    with closing(engine()) as after:
        assert after.rows("SELECT current_setting('TimeZone')") == [("UTC",)]


def test_footers_are_kept_for_who_borrows_alone() -> None:
    asked = "SELECT current_setting('parquet_metadata_cache')"
    with closing(engine()) as one, closing(engine()) as other:
        assert one.rows(asked) == other.rows(asked) == [(True,)]
    with closing(DuckDBEngine(connect("64MB", threads=1))) as own:
        assert own.rows(asked) == [(False,)]


def test_a_file_that_another_took_the_place_of_is_read_anew(tmp_path: Path) -> None:
    file, long_ago = tmp_path / "day.parquet", 1_600_000_000_000_000_000

    def found(person: str, at: int) -> int:
        """How many rows are found of who alone is in the file, which is written over in the same inode."""
        pq.write_table(pa.table({"subject": [person]}), file)
        os.utime(file, ns=(at, at))
        with closing(DuckDBEngine(borrow("64MB", 1, None, [file]))) as one:
            return int(one.rows(f"SELECT count(*) FROM '{file}' WHERE subject = '{person}'")[0][0])

    assert [found(person, long_ago + n) for n, person in enumerate("abc")] == [1, 1, 1]
    assert [found(person, long_ago) for person in "ab"] == [1, 1]  # the time put back


def test_what_is_forgotten_is_read_anew(tmp_path: Path) -> None:
    file, long_ago = tmp_path / "state.parquet", 1_600_000_000_000_000_000

    def found(person: str) -> int:
        """As above, of a file that is not named to the lender, its time put back."""
        pq.write_table(pa.table({"subject": [person]}), file)
        os.utime(file, ns=(long_ago, long_ago))
        with closing(DuckDBEngine(borrow("64MB", 1))) as one:
            return int(one.rows(f"SELECT count(*) FROM '{file}' WHERE subject = '{person}'")[0][0])

    assert found("a") == 1
    lending.forget()
    assert found("b") == 1


def test_what_files_were_is_not_remembered_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "MOST_SEEN", 3)
    for n in range(20):
        (tmp_path / str(n)).touch()
        borrow("64MB", 1, None, [tmp_path / str(n)]).close()
        assert len(lending._SEEN) <= 5


def test_it_spills_although_the_folder_went_meanwhile(tmp_path: Path) -> None:
    spill, many = (
        tmp_path / "spill",
        "SELECT count(DISTINCT x) FROM (SELECT hash(i) AS x FROM range(3_000_000) AS r(i))",
    )
    for _ in range(2):
        with closing(DuckDBEngine(borrow("48MB", 1, spill))) as one:
            assert one.rows(many) == [(3_000_000,)]
        shutil.rmtree(spill, ignore_errors=True)


def test_an_inspection_leaves_nothing_to_its_neighbours(shop: Shop) -> None:
    shop.collect([0])
    left = (
        "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE NOT temporary AND NOT internal UNION ALL "
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND database_name <> 'temp'"
    )
    with closing(open_engine(shop.store.snapshot(), StoreSettings(memory="256MB"))) as one:
        assert len(run_rules(one, Settings()).runs) > 20
        with closing(DuckDBEngine(borrow("256MB", 0, layout.spill_folder(shop.path)))) as other:
            assert other.rows(left) == []
        assert len(lending._KEPT) == 1
