"""Inspections of single days, the state that they carry, and filters for a gateway, as typed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from haechi.cli import export as exporting
from haechi.cli import rebuild as rebuilding
from haechi.identity.reconcile.filter import Filter
from haechi.model.errors import InputError
from haechi.report.filters import write_filter
from haechi.report.workspaces import open_workspace

Haechi = Callable[..., Any]


@pytest.fixture
def own(drilled: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    shutil.copytree(drilled, tmp_path / "own")
    return tmp_path / "own"


def test_a_day_is_a_part_of_the_whole(haechi: Haechi, own: Path) -> None:
    full = haechi("inspect", "-w", own, "--rule", "never-issued", "--json").document
    day = full["findings"][0]["first_seen"][:10]
    one = haechi("inspect", "-w", own, "--rule", "never-issued", "--day", day, "--json")
    assert one.code == 1
    assert {finding["last_seen"][:10] for finding in one.document["findings"]} <= {day, _next(day)}
    assert 0 < sum(f["accesses"] for f in one.document["findings"]) <= full["findings"][0]["accesses"]
    assert one.document["coverage"] == full["coverage"]


def test_since_the_beginning_is_everything(haechi: Haechi, own: Path) -> None:
    full = haechi("inspect", "-w", own, "--rule", "persons-over-budget", "--json").document
    since = haechi("inspect", "-w", own, "--rule", "persons-over-budget", "--since", "2000-01-01", "--json")
    assert [_told(f) for f in since.document["findings"]] == [_told(f) for f in full["findings"]]


@pytest.mark.parametrize("wrong", [["--day", "yesterday"], ["--day", "2025-05-01", "--since", "2025-05-01"]])
def test_no_day(haechi: Haechi, own: Path, wrong: list[str]) -> None:
    assert haechi("inspect", "-w", own, *wrong).code == 2


def test_state_is_checked_and_made_again(
    haechi: Haechi, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    haechi("inspect", "-w", own, "--rule", "canary-touched", "--day", "2025-05-01")
    assert rebuilding.rebuild(check=True, workspace=own) == 0
    assert "each holds what the records give" in capsys.readouterr().out
    file = next((own / "store" / "state").glob("*/*.entity_day.parquet"))
    file.write_bytes(b"something else")
    assert rebuilding.rebuild(check=True, workspace=own) == 3
    assert file.name in capsys.readouterr().out
    assert rebuilding.rebuild(workspace=own) == 0
    assert rebuilding.rebuild(check=True, workspace=own, as_json=True) == 0


def test_a_filter_of_what_was_issued(haechi: Haechi, own: Path) -> None:
    out = own / "issued.filter"
    assert exporting.export_filter(out, workspace=own) == 0
    workspace = open_workspace(own)
    assert workspace is not None and Filter(out).entries > 10 and Filter(out).kind == "credentials"
    assert write_filter(workspace, own / "members.filter", "members").entries > 10
    looks = haechi("custody", "-w", own, "--json").out
    assert looks.count("export filter") == 2


def test_a_filter_of_nothing_is_not_written(haechi: Haechi, access_log: Path, tmp_path: Path) -> None:
    assert haechi("init", access_log).code == 0
    haechi("collect", access_log)
    workspace = open_workspace(tmp_path)
    assert workspace is not None
    with pytest.raises(InputError, match="no issuance"):
        write_filter(workspace, tmp_path / "f", "credentials")
    assert not (tmp_path / "f").exists()


def _told(finding: Any) -> tuple[Any, ...]:
    return tuple(
        finding[key] for key in ("rule", "entity_kind", "entity", "accesses", "subjects", "sentence")
    )


def _next(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))
