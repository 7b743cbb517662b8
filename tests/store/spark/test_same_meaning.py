"""What the two engines mean differently by the same words: each difference with a query that shows it is made equal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.store.spark.conftest import Opened

from haechi.detect.rule import used
from haechi.store.duckdb_engine import DuckDBEngine, memory_engine
from haechi.store.interface import Engine
from haechi.store.spark.engine import SparkEngine

pytestmark = pytest.mark.xdist_group("spark")

WHEN = datetime(2025, 3, 31, 23, 59, 59, 123456)
GIVEN: dict[str, Any] = {
    "n": 3, "big": 5_000_000_000, "share": 0.25, "text": "it's", "none": None, "yes": True,
    "names": ["a", "b"], "empty": [], "span": timedelta(days=1, microseconds=7), "when": WHEN,
}  # fmt: skip

_QUERY = re.compile(r"^-- (.+)\n((?:(?!--).+\n)+?)(?<=;\n)", re.M)
QUERIES = {
    name: sql.strip().removesuffix(";")
    for name, sql in _QUERY.findall(Path(__file__).with_name("same_meaning.sql").read_text(encoding="utf-8"))
}
FEW = pa.table(
    {
        "x": pa.array([1, 2, None, 4], pa.int64()),
        "d": pa.array([0.5, 1.5, 2.5, None], pa.float64()),
        "s": pa.array(["a", "b", "é", None], pa.string()),
        "b": pa.array([b"\x0a\xff", None, b"", b"x"], pa.binary()),
        "t": pa.array([WHEN, None, WHEN, WHEN], pa.timestamp("us")),
    }
)
NEAR = pa.table({"g": pa.array([1, 1, 1, 2], pa.int64()), "k": pa.array([2, 9, None, 10], pa.int64())})


@pytest.fixture(scope="module")
def both(spark_memory: Opened) -> Iterator[tuple[DuckDBEngine, SparkEngine]]:
    engines = (memory_engine({}), spark_memory({}))
    for engine in engines:
        engine.register("few", FEW)
        engine.register("near", NEAR)
    yield engines
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("what", QUERIES)
def test_both_answer_alike(both: tuple[Engine, Engine], what: str) -> None:
    sql = QUERIES[what]
    given = {name: GIVEN[name] for name in used(sql)}
    one, other = (engine.rows(sql, given) for engine in both)
    assert repr(other) == repr(one)
