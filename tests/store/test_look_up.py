"""A person's rows out of many files: the same as a look at every row gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.model.tables import SCHEMAS
from haechi.store.duckdb_engine import MANY_FILES, DuckDBEngine, conform
from haechi.store.lending import connect
from haechi.store.look_up import looked_up, of_person

SCHEMA = SCHEMAS["access"]
COLUMNS = ("subject", "actor")
people = st.sampled_from([None, "a", "b", "o'c"])
files = st.lists(st.lists(st.tuples(people, people), max_size=4), max_size=MANY_FILES + 3)


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    with closing(DuckDBEngine(connect("64MB", threads=1))) as engine:
        yield engine


@settings(max_examples=30, deadline=None)
@given(files, st.sampled_from(["a", "b", "o'c", "nobody"]))
def test_a_look_up_finds_what_a_look_at_every_row_finds(
    tmp_path_factory: pytest.TempPathFactory, written: list[list[tuple[str | None, str | None]]], person: str
) -> None:
    folder, bound, expected = tmp_path_factory.mktemp("look"), list[Path](), list[int]()
    for n, rows in enumerate(written):
        numbers = [100 * n + i for i in range(len(rows))]
        named = [
            next((name for name in row if name is not None), None) for row in rows
        ]  # the subject, else the actor
        expected += [number for number, name in zip(numbers, named, strict=True) if name == person]
        columns = {"seq": pa.array(numbers, pa.int64())}
        columns |= {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(COLUMNS)}
        bound.append(folder / f"{n}.parquet")
        pq.write_table(conform(pa.table(columns), SCHEMA), bound[-1])
    with closing(DuckDBEngine(connect("64MB", threads=1))) as engine:
        engine.bind("access", SCHEMA, bound)
        found = engine.arrow(looked_up(engine, "access", of_person(COLUMNS, person)))
    assert sorted(found["seq"].to_pylist()) == expected
    assert found.schema.equals(SCHEMA)


def test_only_the_files_that_hold_somebody_are_read_whole(engine: DuckDBEngine, tmp_path: Path) -> None:
    bound = [tmp_path / f"{n}.parquet" for n in range(MANY_FILES)]
    for n, file in enumerate(bound):
        pq.write_table(conform(pa.table({"seq": [n], "subject": [f"p{n}"]}), SCHEMA), file)
    engine.bind("access", SCHEMA, bound)
    own, acted = engine.holding("access", *of_person(COLUMNS, "p3"))
    assert "3.parquet" in own and own.count(".parquet") == 1 and ".parquet" not in acted


def test_a_view_that_another_takes_the_place_of_is_read_itself(engine: DuckDBEngine, tmp_path: Path) -> None:
    bound = [tmp_path / f"{n}.parquet" for n in range(MANY_FILES)]
    for n, file in enumerate(bound):
        pq.write_table(conform(pa.table({"seq": [n], "subject": ["p"]}), SCHEMA), file)
    engine.bind("access", SCHEMA, bound)
    engine.execute("ALTER VIEW access RENAME TO access_later")
    engine.execute("CREATE TEMP VIEW access AS SELECT * FROM access_later WHERE seq < 2")
    found = engine.arrow(looked_up(engine, "access", of_person(COLUMNS, "p")))
    assert found["seq"].to_pylist() == [0, 1]
