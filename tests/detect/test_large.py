"""What is made a slice at a time, or the other way round, is what is made at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.detect import large
from haechi.detect.prepare import SHARED
from haechi.detect.queries import query
from haechi.detect.runner import run_rules
from haechi.model.settings import IssuerSettings, Settings
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import connect

from .worlds import T0, Record, engine_of

RULES = ("never-issued", "issued-to-another", "leaver")
ISSUERS = Settings(issuers=[IssuerSettings("a", "log-a", "10m"), IssuerSettings("b", "log-b", "10m")])

credentials = st.integers(0, 9).map(lambda n: bytes([n]) * 16)
accounts = st.sampled_from(["m1", "m2", "m3"])


@st.composite
def records(draw: st.DrawFn) -> tuple[list[Record], list[Record]]:
    issued = st.fixed_dictionaries(
        {
            "source": st.sampled_from(["log-a", "log-b"]),
            "minute": st.integers(0, 60),
            "credential": credentials,
            "actor": accounts,
        }
    )
    used = st.fixed_dictionaries(
        {
            "issuer": st.sampled_from(["a", "b", None]),
            "minute": st.integers(10, 70),
            "credential": st.one_of(credentials, st.integers(10, 40).map(lambda n: bytes([n]) * 16)),
            "actor": accounts,
            "key": st.sampled_from(["k1", "k2", None]),
            "client_ip": st.sampled_from(["192.0.2.1", "192.0.2.2", None]),
            "status": st.sampled_from([200, 401, 404]),
        }
    )

    def timed(rows: list[Record]) -> list[Record]:
        return [
            {"time": T0 + timedelta(minutes=row["minute"]), **{k: v for k, v in row.items() if k != "minute"}}
            for row in rows
        ]

    return timed(draw(st.lists(used, min_size=1, max_size=30))), timed(
        draw(st.lists(issued, min_size=1, max_size=12))
    )


def answer(world: tuple[list[Record], list[Record]], slices: int, mostly: str) -> Any:
    engine = engine_of(world[0], issuance=world[1])
    queries = {"mostly_unvouched": f"SELECT {mostly}"}
    with (
        patch.object(large, "slices_of", lambda rows, memory: slices),
        patch.object(large, "query", lambda name: queries.get(name) or query(name)),
    ):
        detection = run_rules(engine, ISSUERS, only=RULES)
    try:
        flags = engine.rows("SELECT rule, entity_kind, entity, source, seq FROM flag ORDER BY ALL")
        told = [(run.rule, run.ran, run.findings, run.reason) for run in detection.runs]
        return flags, told, detection.findings, engine.rows("SELECT * FROM vouched_credential ORDER BY ALL")
    finally:
        engine.close()


@settings(max_examples=40, deadline=None)
@given(records(), st.integers(2, 6))
def test_slices_and_both_ways_say_the_same(world: tuple[list[Record], list[Record]], slices: int) -> None:
    at_once = answer(world, 1, "false")
    assert answer(world, slices, "false") == at_once
    assert answer(world, 1, "true") == at_once
    assert answer(world, slices, "true") == at_once


def test_more_rows_and_less_memory_are_more_slices() -> None:
    assert large.slices_of(1_000_000, 2_000_000_000) == 1
    assert large.slices_of(60_000_000, 2_000_000_000) == 11
    assert large.slices_of(60_000_000, 1 << 62) == 1


@pytest.mark.parametrize("name", sorted(large.HELD))
def test_each_join_is_cut_on_both_sides(name: str) -> None:
    """A condition on one side alone would make rows of different slices meet."""
    file = SHARED / f"{name}.sql"
    text = file.read_text() if file.exists() else query("unvouched_many")
    assert len(large._SLICE.findall(text)) == 2
    assert large.cut(text, 3, 1).count("% 3 = 1") == 2 and "slice" not in large.cut(text, 3, 1)
    assert large.cut(text, 1, 0) == text


def test_slices_are_files_of_one_view(tmp_path: Path) -> None:
    engine = DuckDBEngine(connect(), spool=tmp_path)
    parts = [f"SELECT n FROM range(10) AS r (n) WHERE n % 3 = {k}" for k in range(3)]
    engine.keep("several", *parts)
    (folder,) = tmp_path.iterdir()
    assert len([*folder.iterdir()]) == 3
    assert engine.rows("SELECT n FROM several ORDER BY n") == [(n,) for n in range(10)]
    engine.keep(
        "several", "SELECT sum(n) AS n FROM several", "SELECT 100::HUGEINT AS n"
    )  # of itself, in memory
    assert engine.rows("SELECT n FROM several ORDER BY n") == [(45,), (100,)]
    assert not [*folder.iterdir()]
    engine.close()
