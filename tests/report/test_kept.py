"""The inspection that a report takes over: the same as from all rules, and none of other records or settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import haechi as haechi
from tests.report.document.worlds import month, workspace

from haechi.report import inspection as work
from haechi.report.document.build import inspection_document
from haechi.report.document.months import month_of
from haechi.report.document.numbers import numbers
from haechi.report.inspection import Look, reopen
from haechi.report.workspaces import open_workspace
from haechi.store import layout
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone

Haechi = Callable[..., Any]
SEOUL = zone("Asia/Seoul")


@pytest.fixture
def here(tmp_path: Path, haechi: Haechi) -> Path:
    folder = workspace(tmp_path / "w", month(2025, 6, 30))
    assert haechi("inspect", "--workspace", folder).code == 1
    return folder


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one each time that the rules run."""
    counted: list[int] = []
    real = work.run_rules
    monkeypatch.setattr(work, "run_rules", lambda *given: counted.append(1) or real(*given))
    return counted


@contextmanager
def inspected(folder: Path, kept: bool) -> Iterator[tuple[Workspace, work.Inspected]]:
    found = open_workspace(folder)
    assert found is not None
    with reopen(found, Look("report inspection"), kept=kept) as answer:
        yield found, answer


def document(folder: Path, kept: bool) -> dict[str, Any]:
    assert SEOUL is not None
    with inspected(folder, kept) as (found, answer):
        made = inspection_document(answer, found, month_of("2025-06", SEOUL))
    return {number.name: number.value for number in numbers(made)}


def test_the_report_is_the_same_and_no_rule_runs_again(here: Path, runs: list[int]) -> None:
    kept = document(here, kept=True)
    assert runs == []
    again = document(here, kept=False)
    assert runs == [1]
    assert kept == again
    assert kept["cases[" + next(name for name in kept if name.startswith("cases["))[6:14] + "].scope.persons"]


def test_looks_and_compaction_change_nothing_of_it(haechi: Haechi, here: Path, runs: list[int]) -> None:
    assert haechi("case", "list", "--workspace", here).code == 1
    assert haechi("compact", "--workspace", here).code == 0
    runs.clear()
    document(here, kept=True)
    assert runs == []


@pytest.mark.parametrize("change", ["record", "settings", "rule", "damage"])
def test_with_anything_else_the_rules_run(haechi: Haechi, here: Path, runs: list[int], change: str) -> None:
    before = document(here, kept=True)
    if change == "record":
        (here / "logs" / "b.json").write_text("\n".join(month(2025, 6, 50)) + "\n", encoding="utf-8")
        assert haechi("collect", "--workspace", here).code == 0
    elif change == "settings":
        with (here / "haechi.toml").open("a") as file:
            file.write("\n[rules.persons-over-budget]\nenabled = false\n")
    elif change == "rule":
        (here / "rules").mkdir()
        (here / "rules" / "own.toml").write_text("# beside a rule\n")
    else:
        for path in (layout.state_folder(here / "store") / "inspection").glob("*.json"):
            path.write_text(json.dumps({"inspection": 1}))
    assert runs == []
    after = document(here, kept=True)
    assert runs == [1]
    assert (after["totals.persons"] == before["totals.persons"]) == (change != "record")


def test_what_is_kept_goes_when_its_records_change(haechi: Haechi, here: Path) -> None:
    folder = layout.state_folder(here / "store") / "inspection"
    old = {path.name for path in folder.iterdir()}
    assert {name.split(".", 1)[1] for name in old} >= {"json", "flag.parquet"}
    (here / "logs" / "b.json").write_text("\n".join(month(2025, 7, 3)) + "\n", encoding="utf-8")
    assert haechi("inspect", "--workspace", here).code == 1
    assert haechi("compact", "--workspace", here).code == 0
    assert not old & {path.name for path in folder.iterdir()}


def test_a_verified_report_is_counted_from_the_records(haechi: Haechi, here: Path, runs: list[int]) -> None:
    """Who changes what is kept makes a wrong report, and verifying says so."""
    folder = layout.state_folder(here / "store") / "inspection"
    for path in folder.glob("*.json"):
        told = json.loads(path.read_bytes())
        told["inspection"]["cases"][0]["scope"]["persons"] = 1
        path.write_text(json.dumps(told))
    haechi("report", "inspection", "--month", "2025-06", "--workspace", here, "--out", "r.html")
    assert runs == []
    told = haechi("verify", "r.html", "--workspace", here)
    assert told.code == 3
    assert "scope.persons: the report says 1, counted again 30" in " ".join(told.out.split())
