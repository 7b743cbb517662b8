"""The scorecard on a truth of a few lines: what was missed, where, and what was said wrongly."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from haechi.drill.card import CaseScore, PhaseScore, ScenarioScore, card
from haechi.drill.score import PERSON, REQUEST, FoundCase

BEGIN = datetime(2025, 9, 1)
BEGIN_US = 1_756_684_800_000_000


def truth(folder: Path) -> Path:
    lines = [(1, "a", "look"), (2, "a", "look"), (3, "a", "copy"), (4, "b", "login")]
    requests = {
        "time": pa.array([BEGIN + timedelta(seconds=number) for number, _, _ in lines], pa.timestamp("us")),
        "node": ["gw-1"] * len(lines),
        "node_seq": [number for number, _, _ in lines],
        "scenario": [scenario for _, scenario, _ in lines],
        "phase": [phase for _, _, phase in lines],
    }
    pq.write_table(pa.table(requests), folder / "requests.parquet")
    persons = {
        "person": ["1", "2", "P-1"],
        "kind": ["member", "member", "non_member"],
        "first_shown": pa.array([BEGIN] * 3, pa.timestamp("us")),
        "scenarios": [["a"], ["a", "b"], ["b"]],
    }
    pq.write_table(pa.table(persons), folder / "persons.parquet")
    return folder


def case(name: str, numbers: list[int], persons: list[tuple[str, str]]) -> FoundCase:
    rows = [{"node": "gw-1", "node_seq": number} for number in numbers]
    people = [{"person": person, "kind": kind} for person, kind in persons]
    return FoundCase(name, pa.Table.from_pylist(rows, REQUEST), pa.Table.from_pylist(people, PERSON))


def test_each_phase_scenario_and_case_stands_apart(tmp_path: Path) -> None:
    found = [
        case("C-1", [2, 9], [("1", "member"), ("P-1", "member")]),
        case("C-2", [2, 4], [("P-1", "non_member")]),
        case("C-3", [], []),
    ]
    made = card(truth(tmp_path), found, {"leaver": "nothing of person was collected"})
    assert made.phases == [
        PhaseScore("a", "look", 2, 1, BEGIN_US + 1_000_000, BEGIN_US + 2_000_000),
        PhaseScore("a", "copy", 1, 1, BEGIN_US + 3_000_000, None),
        PhaseScore("b", "login", 1, 0, BEGIN_US + 4_000_000, BEGIN_US + 4_000_000),
    ]
    assert made.scenarios == [ScenarioScore("a", 2, 1), ScenarioScore("b", 2, 1)]
    assert made.cases == [
        CaseScore("C-1", 2, 1, 2, 1, ["a"]),
        CaseScore("C-2", 2, 2, 1, 1, ["a", "b"]),
        CaseScore("C-3", 0, 0, 0, 0, []),
    ]
    assert made.not_run == {"leaver": "nothing of person was collected"}


def test_with_no_case_everything_is_missed(tmp_path: Path) -> None:
    made = card(truth(tmp_path), [], {})
    assert [phase.missed for phase in made.phases] == [2, 1, 1]
    assert [scenario.missed for scenario in made.scenarios] == [2, 2]
    assert made.cases == []
