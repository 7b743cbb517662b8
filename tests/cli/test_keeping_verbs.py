"""Verbs that keep or remove what was collected: hold, expire, compact, erase."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from haechi.store import holds
from haechi.store.store import now

Haechi = Callable[..., Any]
SETTINGS = """\
[workspace]
timezone = "Asia/Seoul"
[retention]
keep = "1y"
keep-reason = "fewer than 50,000 persons"
[[source]]
name = "gateway"
paths = ["*.log"]
format = "combined"
[[route]]
path = "/members/{id}"
fields = ["name"]
subject = "path:id"
"""
OLD = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=500)


def line(at: datetime, member: str) -> str:
    return f'192.0.2.1 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /members/{member} HTTP/1.1" 200 5 "-" "x"\n'


@pytest.fixture
def workspace(haechi: Haechi, tmp_path: Path) -> Path:
    """Ten records of 500 days ago, and ten of 100 days ago."""
    (tmp_path / "haechi.toml").write_text(SETTINGS)
    for days in (0, 400):
        file = tmp_path / f"{days}.log"
        file.write_text("".join(line(OLD + timedelta(days=days, seconds=n), f"M{n % 5}") for n in range(10)))
        os.utime(file, (0, 0))
    assert haechi("collect").code == 0
    return tmp_path


def test_expire_is_a_dry_run_until_told_otherwise(haechi: Haechi, workspace: Path) -> None:
    said = haechi("expire")
    assert said.code == 0 and "10 records would expire." in said.out and "--apply" in said.err
    assert "gateway" in said.out and f"{OLD + timedelta(hours=9):%Y-%m-%d}" in said.out
    document = haechi("expire", "--json").document
    (part,) = document["expired"]
    assert (document["applied"], part["records"], part["keep"]) == (False, 10, "1y")
    assert part["reason"] == "fewer than 50,000 persons" and document["held"] == []
    done = haechi("expire", "--apply")
    assert done.code == 0 and "10 records expired." in done.out
    assert haechi("expire", "--apply", "--json").document["expired"] == []


def test_a_store_whose_records_all_expired_says_so(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text(SETTINGS)
    (tmp_path / "a.log").write_text(line(OLD, "M1"))
    assert haechi("collect").code == 0
    assert haechi("expire", "--apply").code == 0
    said = haechi("inspect")
    assert said.code == 3 and "All records in the store have expired" in said.out
    assert "Nothing was read" not in said.out and "The retention of 1 batch of gateway ended" in said.out


def test_a_clock_set_back_and_accepted_is_a_hole_and_a_note(haechi: Haechi, workspace: Path) -> None:
    ahead = now() + 3 * 86_400_000_000
    with pytest.MonkeyPatch.context() as wrong:
        wrong.setattr("haechi.report.custody.now", lambda: ahead)
        wrong.setattr("haechi.store.store.now", lambda: ahead)
        assert haechi("coverage").code == 0
    refused = haechi("coverage")
    assert refused.code == 3 and "--accept-clock" in refused.err
    assert haechi("collect", "--accept-clock").code == 0
    covered = haechi("coverage", "--json")
    (hole,) = covered.document["holes"]
    assert covered.code == 1 and hole["kind"] == "clock" and "(uid" in hole["sentence"]
    notes = [told for told in haechi("verify", "--json").document["verdicts"] if told["thing"] == "clock"]
    assert [told["state"] for told in notes] == ["note"]
    assert [look["verb"] for look in haechi("custody", "--json").document["custody"]][:2] == ["coverage"] * 2


def test_a_hold_from_laying_to_lifting(
    haechi: Haechi, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = f"{OLD:%Y-%m-%d}"
    laid = haechi("hold", "add", "--from", day, "--to", day, "--source", "gateway", "--order", "court 7")
    assert laid.code == 0 and "H-1 stands." in laid.out and "protects  10 records in 1 batch" in laid.out
    assert "no custodians" in laid.err
    kept = haechi("expire", "--apply")
    assert "0 records expired." in kept.out and "H-1: court 7" in kept.out
    first = haechi("hold", "lift", "h-1", "--reason", "closed")
    assert first.code == 0 and "a second, different person must agree" in first.out
    again = haechi("hold", "lift", "H-1", "--reason", "closed")
    assert again.code == 3 and "same person" in again.err
    monkeypatch.setattr(holds, "account", lambda: "boris (uid 77777)")
    second = haechi("hold", "lift", "H-1", "--reason", "closed too", "--json").document
    assert not second["stands"] and [agreed["reason"] for agreed in second["agreed"]] == [
        "closed",
        "closed too",
    ]
    listed = haechi("hold", "list")
    assert re.search(r"protected +10 records in 1 batch", listed.out)
    assert "0 holds stand." in listed.out and "boris (uid 77777): closed too" in listed.out
    assert haechi("expire", "--apply", "--json").document["expired"][0]["records"] == 10


def test_custodians_with_keys(haechi: Haechi, workspace: Path) -> None:
    settings = SETTINGS
    for name in ("anna", "boris"):
        said = haechi("hold", "key", name)
        assert said.code == 0 and tomllib.loads(said.out)["custodian"][0]["name"] == name
        assert (workspace / f"{name}.key").stat().st_mode & 0o777 == 0o600
        settings += said.out
    (workspace / "haechi.toml").write_text(settings)
    assert haechi("hold", "key", "anna").code == 3
    assert haechi("hold", "key", "an na").code == haechi("hold", "key", "../anna").code == 2
    laid = haechi("hold", "add", "--order", "court 7")
    assert laid.code == 0 and laid.err == "" and "needs two of: anna, boris" in laid.out
    assert haechi("hold", "lift", "H-1", "--reason", "closed").code == 3
    assert haechi("hold", "lift", "H-1", "--reason", "closed", "--key", "anna.key").code == 0
    assert haechi("hold", "lift", "H-1", "--reason", "closed", "--key", "anna.key").code == 3
    lifted = haechi("hold", "lift", "H-1", "--reason", "closed", "--key", "boris.key", "--json").document
    assert [agreed["custodian"] for agreed in lifted["agreed"]] == ["anna", "boris"] and not lifted["stands"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--source", "gatewai", "--order", "x"], 'Did you mean "gateway"'),
        (["--from", "2025-02-30", "--order", "x"], "no day or time"),
        (["--from", "2025-02-02", "--to", "2025-02-01", "--order", "x"], "ends before it begins"),
        (["--order", " "], "who ordered"),
        ([], "--order"),
    ],
)
def test_a_hold_that_would_protect_nothing(
    haechi: Haechi, workspace: Path, arguments: list[str], says: str
) -> None:
    said = haechi("hold", "add", *arguments)
    assert said.code == 2 and says in " ".join(said.err.split())
    assert haechi("hold", "list", "--json").document["holds"] == []


def test_no_such_hold(haechi: Haechi, workspace: Path) -> None:
    said = haechi("hold", "lift", "H-5", "--reason", "x")
    assert said.code == 2 and "There are no holds." in said.err


def test_days_are_the_workspace_s(haechi: Haechi, workspace: Path) -> None:
    laid = haechi(
        "hold", "add", "--from", "2025-03-01", "--to", "2025-03-01", "--order", "x", "--json"
    ).document
    assert (laid["from"], laid["to"]) == ("2025-02-28T15:00:00Z", "2025-03-01T14:59:59.999999Z")
    assert laid["stands"] and laid["records"] == 0 and laid["sources"] == []
    late = haechi("expire", "--apply") and haechi("hold", "add", "--order", "y")
    assert re.search(r"gone +10 records in 1 batch .* had expired before", late.out)


def test_compact(haechi: Haechi, workspace: Path) -> None:
    said = haechi("compact")
    assert said.code == 0 and "20 records of 2 batches sorted into 2 files." in said.out
    assert haechi("compact", "--json").document["files"] == 0
    assert haechi("coverage", "--json").document["sources"][0]["records"] == 20


def test_compact_names_what_was_altered(haechi: Haechi, workspace: Path) -> None:
    next((workspace / "store").rglob("0000000000.parquet")).write_bytes(b"garbage")
    said = haechi("compact")
    assert said.code == 3 and "batch 0: its records were altered" in said.err


def test_erase(haechi: Haechi, workspace: Path) -> None:
    look = haechi("erase", "M3", "--reason", "asked for it")
    assert look.code == 0 and "4 records of this person would be erased." in look.out
    assert "erase" in haechi("custody").out
    assert haechi("erase", "M3", "--reason", "on behalf of m3.", "--apply").code == 2
    done = haechi("erase", "M3", "--reason", "asked for it", "--apply", "--json").document
    assert done["applied"] and done["records"] == {"access": 4} and done["batches"] == 2
    assert "No record of this person" in haechi("erase", "M3", "--reason", "asked for it").out
    (source,) = haechi("coverage", "--json").document["sources"]
    assert source["records"] - source["gone"] == 16


def test_nobody_is_erased_under_a_hold(haechi: Haechi, workspace: Path) -> None:
    haechi("hold", "add", "--order", "court 7")
    assert "Under a legal hold: H-1." in haechi("erase", "M3", "--reason", "asked for it").err
    said = haechi("erase", "M3", "--reason", "asked for it", "--apply")
    assert said.code == 3 and "under a legal hold: H-1" in said.err
