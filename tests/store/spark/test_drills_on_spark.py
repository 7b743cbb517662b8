"""Drills, row by row: findings, flagged accesses, cases, scopes, people and holes are those of DuckDB.

Two rules over one drill; HAECHI_SPARK_FIXTURES=all plays every drill with all rules, minutes of processor time each.
"""

from __future__ import annotations

import copy
import os
from pathlib import Path

import msgspec
import pytest
from benchmarks.engines import answer, differences, world
from tests.servers.spark import LOCAL

from haechi.drill.scenarios import SCENARIOS
from haechi.model.settings import BUILT_IN

pytestmark = pytest.mark.xdist_group("spark")

ALL = os.environ.get("HAECHI_SPARK_FIXTURES") == "all"
DRILLS = sorted(SCENARIOS) if ALL else ["coupang-2025"]
RULES = () if ALL else ("never-issued", "leaver")  # (): all there are
SCALE = 0.00001
# As somebody who asks for Spark on this machine would have it; the context is the one that other tests use.
SPARK = msgspec.structs.replace(LOCAL, options={})


@pytest.mark.usefixtures("spark_memory")
@pytest.mark.parametrize("drill", DRILLS)
def test_the_same_rows(drill: str, tmp_path: Path) -> None:
    workspace = world(drill, tmp_path, SCALE, 1)
    one, other = answer(workspace, BUILT_IN, RULES), answer(workspace, SPARK, RULES)
    assert [rule for rule in one.document["rules"] if rule["ran"]]
    assert bool(one.flags) == bool(one.document["findings"])
    assert differences(one, other) == []


def test_any_difference_is_seen(tmp_path: Path) -> None:
    one = answer(world("coupang-2025", tmp_path, SCALE, 1), BUILT_IN, ("never-issued",))
    assert one.rows() > len(one.flags) > 0
    (case,) = one.people
    for change in (
        lambda other: other.flags.pop(),
        lambda other: other.document["findings"].pop(),
        lambda other: other.document["cases"][0]["scope"].update(persons=0),
        lambda other: other.document["rules"][0].update(reason="another"),
        lambda other: other.people[case].pop(),
        lambda other: other.people[case][0].update(person="somebody else"),
        lambda other: other.requests[case].pop(),
    ):
        other = copy.deepcopy(one)
        change(other)
        assert differences(one, other)
