"""Spark behind the engine interface: what queries leave behind, what is refused, and in which words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.servers.spark import LOCAL
from tests.store.spark.conftest import Opened

from haechi.detect.runner import run_rules
from haechi.model.errors import EngineError
from haechi.model.settings import EngineSettings, Settings
from haechi.store.spark import engine as module
from haechi.store.spark import session
from haechi.store.spark.engine import SparkEngine

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture
def engine(spark_memory: Opened) -> Iterator[SparkEngine]:
    opened = spark_memory({})
    opened.register("given", pa.table({"n": [1, 2, 3], "s": ["a", "b", None]}))
    yield opened
    opened.close()


@pytest.fixture(params=["with the driver", "as files"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which a table is kept."""
    if request.param == "as files":
        monkeypatch.setattr(module, "LITTLE", -1)


@pytest.mark.usefixtures("kept")
def test_a_table_is_filled_and_emptied(engine: SparkEngine) -> None:
    engine.execute("CREATE OR REPLACE TEMP TABLE kept (n BIGINT, s VARCHAR, bits HUGEINT)")
    assert engine.rows("SELECT * FROM kept") == []
    engine.execute("INSERT INTO kept SELECT n, s, n::HUGEINT FROM given WHERE n < $most", {"most": 3})
    engine.execute("WITH late AS (SELECT * FROM given WHERE n = 3) INSERT INTO kept SELECT n, s, n FROM late")
    assert engine.rows("SELECT * FROM kept ORDER BY n") == [(1, "a", 1), (2, "b", 2), (3, None, 3)]
    engine.execute("DELETE FROM kept WHERE s >= 'b'")
    assert engine.rows("SELECT n FROM kept ORDER BY n") == [(1,), (3,)]
    engine.execute("CREATE OR REPLACE TEMP TABLE kept AS SELECT count(*) AS rows FROM kept")
    assert engine.rows("SELECT * FROM kept") == [(2,)]
    engine.execute("DROP TABLE IF EXISTS kept")
    with pytest.raises(duckdb.CatalogException):
        engine.rows("SELECT * FROM kept")


@pytest.mark.usefixtures("kept")
def test_a_table_has_the_types_that_duckdb_gives_it(engine: SparkEngine) -> None:
    engine.execute(
        "CREATE TEMP TABLE typed AS SELECT NULL AS nothing, count(*) AS c, sum(n) AS h, date_trunc('hour', TIMESTAMP "
        "'2025-01-01 10:20:00') AS t, INTERVAL 1 DAY AS i, list({'at': TIMESTAMP '2025-01-01', 'n': n}) AS l FROM given"
    )
    assert engine.columns("SELECT * FROM typed") == [
        ("nothing", "INTEGER"), ("c", "BIGINT"), ("h", "HUGEINT"), ("t", "TIMESTAMP"), ("i", "INTERVAL"),
        ('l', 'STRUCT("at" TIMESTAMP, n BIGINT)[]'),
    ]  # fmt: skip
    ((nothing, count, total, when, span, made),) = engine.rows("SELECT * FROM typed")
    assert (nothing, count, total, f"{when}", f"{span}") == (
        None,
        3,
        6,
        "2025-01-01 10:00:00",
        "1 day, 0:00:00",
    )
    assert sorted(one["n"] for one in made) == [1, 2, 3]


def test_a_view_sees_its_tables_as_they_are_now(engine: SparkEngine) -> None:
    engine.execute("CREATE OR REPLACE TEMP VIEW seen AS SELECT n FROM given WHERE n > 1")
    assert engine.rows("SELECT count(*) FROM seen") == [(2,)]
    engine.register("given", pa.table({"n": [7], "s": ["z"]}))
    assert engine.rows("SELECT n FROM seen") == [(7,)]


def test_a_macro_is_spelt_out_wherever_it_is_called(engine: SparkEngine) -> None:
    engine.execute("CREATE OR REPLACE TEMP MACRO twice(x) AS x + x")
    engine.execute("CREATE OR REPLACE TEMP MACRO more(x, by_) AS twice(x) * by_")
    assert engine.rows("SELECT more(n + 1, 10) FROM given ORDER BY n") == [(40,), (60,), (80,)]


def test_answers_as_arrow_have_duckdbs_schema(engine: SparkEngine) -> None:
    answer = engine.arrow("SELECT n, s, n / 2 AS half FROM given ORDER BY n")
    assert answer.schema == pa.schema([("n", pa.int64()), ("s", pa.string()), ("half", pa.float64())])
    assert answer.to_pylist()[0] == {"n": 1, "s": "a", "half": 0.5}


def test_a_file_outside_is_written_whole(engine: SparkEngine, tmp_path: Path) -> None:
    for suffix, options in (("parquet", "FORMAT parquet"), ("csv", "FORMAT csv, HEADER")):
        engine.execute(
            f"COPY (SELECT n, s FROM given ORDER BY n DESC) TO '{tmp_path}/out.{suffix}' ({options})"
        )
    assert pq.read_table(tmp_path / "out.parquet")["n"].to_pylist() == [3, 2, 1]
    assert (tmp_path / "out.csv").read_text() == "n,s\n3,\n2,b\n1,a\n"


def test_an_overflow_is_an_error(engine: SparkEngine) -> None:
    with pytest.raises(EngineError, match="ARITHMETIC_OVERFLOW"):
        engine.rows("SELECT n + 9223372036854775807 FROM given")
    with pytest.raises(EngineError, match="ARITHMETIC_OVERFLOW"):
        engine.rows("SELECT sum(n * 4611686018427387904) FROM given WHERE n < 2 OR n > 0")


def test_a_wrong_query_is_refused_in_duckdbs_words(engine: SparkEngine) -> None:
    with pytest.raises(duckdb.BinderException, match='"missing" not found'):
        engine.rows("SELECT missing FROM given")


def test_an_error_tells_no_value_and_logs_none(
    engine: SparkEngine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    engine.register("private", pa.table({"phone": ["010-1234-5678"]}))
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError) as caught:
        engine.rows("SELECT phone::BIGINT FROM private")
    told = capfd.readouterr()
    for text in (caught.value.diagnostics(), caplog.text, told.out):
        assert "1234" not in text
    assert "1234" not in told.err


def test_what_is_not_carried_over_ends_its_rule_alone(engine: SparkEngine, tmp_path: Path) -> None:
    engine.register("access", _one_access())
    bad = RULE.replace("(100 / (seq - 1))::VARCHAR", "strftime(time, '%B')")
    (tmp_path / "bad.sql").write_text(bad)
    (run,) = run_rules(engine, Settings(), tmp_path, ["bad"]).runs
    assert run.reason is not None and "strftime with %B is not carried over" in run.reason


def test_a_division_by_zero_names_the_rules_line(engine: SparkEngine, tmp_path: Path) -> None:
    engine.register("access", _one_access())
    (tmp_path / "bad.sql").write_text(RULE)
    (run,) = run_rules(engine, Settings(), tmp_path, ["bad"]).runs
    assert run.reason == "bad.sql:14: division by zero"


def test_what_it_leaves_goes_with_it(spark_memory: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LITTLE", -1)
    opened = spark_memory({})
    opened.execute("CREATE TEMP TABLE kept AS SELECT 1 AS n")
    folder = opened.folder
    assert folder is not None and folder.stat().st_mode & 0o077 == 0
    written = list(folder.rglob("*"))
    assert any(file.suffix == ".parquet" for file in written)
    assert [file for file in written if file.stat().st_mode & 0o077] == []
    opened.close()
    assert not folder.exists()


@pytest.mark.usefixtures("spark_memory")
def test_a_process_has_one_master() -> None:
    with pytest.raises(EngineError, match="runs already"):
        session.open_session(msgspec.structs.replace(LOCAL, master="spark://127.0.0.1:1"))


def test_without_spark_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "available", lambda: False)
    with pytest.raises(EngineError, match="not installed") as caught:
        session.open_session(EngineSettings(kind="spark"))
    assert "haechi[spark]" in caught.value.todo


RULE = """/* ---
id = "bad"
title = "Bad"
tier = "behaviour"
severity = "low"
means = "x"
normal = "x"
needs = ["access"]
sentence = "x"
--- */
SELECT
    source, seq,
    'actor' AS entity_kind,
    (100 / (seq - 1))::VARCHAR AS entity
FROM access
"""


def _one_access() -> pa.Table:
    from haechi.model.tables import ACCESS

    row = dict.fromkeys(ACCESS.names) | {"source": "web", "seq": 1}
    return pa.Table.from_pylist([row], ACCESS)
