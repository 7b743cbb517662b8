"""Findings kept as bits say what findings kept as rows say, and so do mixtures; kept files say what tables say."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haechi.detect import blocks
from haechi.detect.cases import build_cases
from haechi.detect.runner import run_rules
from haechi.model.settings import Settings
from haechi.scope.case import scope_case
from haechi.store.duckdb_engine import DuckDBEngine
from haechi.store.lending import connect

from .worlds import T0, Record, engine_of, rule_file

RULES = ("bad-key", "bad-account", "bad-client")
# Records of one source lie in several blocks, others side by side in one.
PLACES = st.sampled_from([1, 2, 3, 8190, 8191, 8192, 8193, 20_000, 8_388_607, 8_388_608, 8_388_610])


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blocks") / "rules"
    rule_file(folder, "bad-key", "key", severity="critical", claimed=True)
    rule_file(folder, "bad-account", "actor", tier="purpose")
    rule_file(folder, "bad-client", "client", tier="behaviour")
    return folder


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    identities = draw(
        st.sets(st.tuples(st.sampled_from(["gate", "desk"]), PLACES), min_size=1, max_size=14).map(sorted)
    )
    return [
        {
            "time": T0,
            "source": source,
            "seq": seq,
            "key": draw(st.sampled_from(["k1", "k2"])),
            "actor": draw(st.sampled_from(["a", "b", "c"])),
            "actor_kind": draw(st.sampled_from(["member", "staff"])),
            "client": draw(st.sampled_from(["x", "y"])),
            "client_ip": draw(st.sampled_from(["10.0.0.1", "10.0.0.2"])),
            "credential": draw(st.sampled_from([b"1", b"2", None])),
            "subject": draw(st.sampled_from(["m1", "m2", None])),
            "fields": draw(st.sampled_from(["name", "name,phone", "", None])),
            "outcome": draw(st.sampled_from(["success", "failure", None])),
            "host": " ".join(draw(st.sets(st.sampled_from(RULES)))),
        }
        for source, seq in identities
    ]


def answer(engine: DuckDBEngine, rules: Path) -> Any:
    try:
        detection = run_rules(engine, Settings(), rules, RULES)
        assert all(run.ran for run in detection.runs), detection.runs
        cases = [
            (case, scope.count, scope.notes, scope.requests().to_pylist(), scope.rows().to_pylist())
            for case in build_cases(engine, detection)
            for scope in [scope_case(engine, case.findings, Settings())]
        ]
        flags = engine.rows("SELECT finding, rule, entity, source, seq FROM flag ORDER BY ALL")
        return detection.findings, cases, flags
    finally:
        engine.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records(), st.integers(1, 5))
def test_bits_say_what_rows_say(rules: Path, world: list[Record], least: int) -> None:
    with patch.object(blocks, "DENSE", 1 << 40):
        as_rows = answer(engine_of(world), rules)
    with patch.object(blocks, "DENSE", least), patch.object(blocks, "FULL", 0):
        assert answer(engine_of(world), rules) == as_rows


def test_bits_are_used_where_they_take_less_room(rules: Path) -> None:
    world = [{"time": T0, "key": "k1", "actor": f"a{n}", "host": "bad-key bad-account"} for n in range(200)]
    engine = engine_of(world)
    with patch.object(blocks, "DENSE", 100):
        run_rules(engine, Settings(), rules, RULES)
    assert engine.rows("SELECT finding, block, bit_count(bits) FROM flagged_block") == [(0, 0, 200)]
    assert engine.rows("SELECT count(*), count(DISTINCT finding) FROM flagged_row") == [(200, 200)]
    run_rules(engine, Settings(), rules, RULES)  # again on the same engine: nothing of before is left
    assert not blocks.has_blocks(engine)
    engine.close()


def test_kept_files_say_what_tables_say(tmp_path: Path) -> None:
    engine = DuckDBEngine(connect(), spool=tmp_path)
    engine.keep(
        "few",
        "SELECT n::BIGINT AS n, 'x' || n AS t, 'infinity'::TIMESTAMP AS u FROM range($m) AS r (n)",
        params={"m": 3},
    )
    assert engine.rows("SELECT n, t, u = 'infinity' FROM few ORDER BY n") == [
        (n, f"x{n}", True) for n in range(3)
    ]
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len([*folder.iterdir()]) == 1
    engine.keep("few", "SELECT n FROM few WHERE n > 0")  # of itself
    assert engine.rows("SELECT * FROM few ORDER BY n") == [(1,), (2,)]
    assert len([*folder.iterdir()]) == 1
    engine.keep("few", "SELECT sum(n) AS total FROM few")  # what a file would round stays in memory
    assert engine.rows("SELECT total, typeof(total) FROM few") == [(3, "HUGEINT")]
    assert not [*folder.iterdir()]
    engine.keep("few", "SELECT total::BIGINT AS total FROM few")
    assert engine.rows("SELECT total FROM few") == [(3,)]
    engine.close()
    assert not folder.exists()
