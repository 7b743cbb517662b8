"""Every scenario as a small world: its truth names lines that are there, and what is inspected tells nothing of it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
import zstandard

from haechi.drill.interface import Made
from haechi.drill.make import make
from haechi.drill.scenarios import SCENARIOS
from haechi.report.workspaces import open_workspace

SCALE = 0.00001
QUIET = {"quiet", "scraper", "month-end", "call-storm"}
STAFFED = sorted(set(SCENARIOS) - {"coupang-2025"})
WORDS = (
    "attack",
    "forged",
    "ghost",
    "incident",
    "truth",
    "phase",
    "drill",
    "victim",
    "rogue",
    "bribed",
    "snoop",
)


@dataclass(frozen=True)
class Told:
    """A world read back: its log lines by node and number, its truth, its papers."""

    made: Made
    lines: dict[tuple[str, int], dict[str, Any]]
    bad: list[dict[str, Any]]
    persons: list[dict[str, Any]]
    meta: dict[str, Any]

    def papers(self, name: str) -> list[dict[str, str]]:
        path = self.made.inspect / f"{name}.csv"
        return list(csv.DictReader(path.read_text().splitlines())) if path.is_file() else []


def read_lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.json*")):
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
        elif path.suffix == ".zst":
            raw = zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        if "issuance" not in path.name:
            yield from map(msgspec.json.decode, raw.splitlines())


def told(made: Made) -> Told:
    return Told(
        made,
        {(line["node"], line["seq"]): line for line in read_lines(made.inspect / "logs")},
        pq.read_table(made.truth / "requests.parquet").to_pylist(),
        pq.read_table(made.truth / "persons.parquet").to_pylist(),
        msgspec.json.decode((made.truth / "meta.json").read_bytes()),
    )


def the_truth_names_lines_that_are_there(world: Told) -> None:
    assert len(world.lines) == world.made.records["access"]
    for one in world.bad:
        line = world.lines[one["node"], one["node_seq"]]
        assert datetime.fromisoformat(line["time"]) == one["time"].replace(tzinfo=UTC)
        asked = line.get("uri") or line.get("object") or line.get("resource")
        assert asked == one["path"]


def bad_requests_are_there_where_there_is_an_incident_and_nowhere_else(world: Told) -> None:
    name = world.meta["scenario"]
    assert (len(world.bad) == 0) == (name in QUIET)
    assert (len(world.persons) == 0) == (name in QUIET)
    phases = {one["phase"] for one in world.bad}
    assert phases == set(world.meta["phases"])
    assert {one["scenario"] for one in world.bad} <= {name}


def persons_are_members_of_the_registry_or_stand_in_a_book(world: Told) -> None:
    members = {row["member_id"] for row in world.papers("members")}
    for person in world.persons:
        assert (person["person"] in members) == (person["kind"] != "non_member")


def what_is_inspected_tells_nothing_of_the_incident(world: Told) -> None:
    for path in world.made.inspect.rglob("*"):
        if path.is_file() and path.suffix in (".toml", ".csv"):
            text = path.read_text().lower()
            assert not [word for word in WORDS if word in text], path.name
    keys = {key for keys in {tuple(line) for line in world.lines.values()} for key in keys}
    assert not {"bad", "phase", "scenario"} & keys


def settings_load_without_a_problem(world: Told) -> None:
    assert open_workspace(world.made.inspect) is not None


def look_ups_of_staff_follow_tickets_but_for_a_few(world: Told) -> None:
    bad = {(one["node"], one["node_seq"]) for one in world.bad}
    looks = [
        line
        for number, line in world.lines.items()
        if number not in bad and line.get("uri", "").startswith("/cs/members/") and line["status"] == 200
    ]
    tickets: dict[str, list[tuple[str, float, float]]] = {}
    for row in world.papers("tickets"):
        opened, closed = (datetime.fromisoformat(row[name]).timestamp() for name in ("opened", "closed"))
        tickets.setdefault(row["member_id"], []).append((row["agent"], opened, closed))
    with_ticket = sum(
        any(
            agent == line["jwt_claim_sub"]
            and opened <= datetime.fromisoformat(line["time"]).timestamp() <= closed
            for agent, opened, closed in tickets.get(line["uri"].split("/")[3], [])
        )
        for line in looks
    )
    assert len(looks) > 500
    assert 0.9 < with_ticket / len(looks) < 0.99


def canaries_are_touched_by_declared_services_alone(world: Told) -> None:
    canaries = {row["member_id"] for row in world.papers("members") if row["canary"] == "true"}
    assert canaries
    for line in world.lines.values():
        who = line.get("jwt_claim_sub")
        if who in canaries or not canaries.isdisjoint(line.get("uri", "").split("/")):
            assert who == "svc-statements"


def staff_work_on_their_shifts(world: Told) -> None:
    shifts: dict[str, list[tuple[float, float]]] = {}
    for row in world.papers("shifts"):
        begin, end = (datetime.fromisoformat(row[name]).timestamp() for name in ("start", "end"))
        shifts.setdefault(row["employee"], []).append((begin, end))
    for line in world.lines.values():
        who = line.get("jwt_claim_sub", "")
        if who.startswith(("cs-", "courier-", "data-")):
            at = datetime.fromisoformat(line["time"]).timestamp()
            assert any(begin <= at <= end for begin, end in shifts[who]), line


CHECKS = (
    the_truth_names_lines_that_are_there,
    bad_requests_are_there_where_there_is_an_incident_and_nowhere_else,
    persons_are_members_of_the_registry_or_stand_in_a_book,
    what_is_inspected_tells_nothing_of_the_incident,
    settings_load_without_a_problem,
    look_ups_of_staff_follow_tickets_but_for_a_few,
    canaries_are_touched_by_declared_services_alone,
    staff_work_on_their_shifts,
)


@pytest.mark.parametrize("name", STAFFED)
def test_every_world_keeps_the_rules(tmp_path: Path, name: str) -> None:
    """One test a scenario, so that its world is made once."""
    world = told(make(name, tmp_path, scale=SCALE, seed=11))
    for check in CHECKS:
        check(world)


def test_the_month_end_stays_in_its_window(tmp_path: Path) -> None:
    lines = read_lines(make("month-end", tmp_path, scale=SCALE, seed=2).inspect / "logs")
    mine = [line for line in lines if line["jwt_claim_sub"] == "svc-statements"]
    assert len(mine) > 20_000
    for line in mine:
        assert line["time"][8:10] == "01"
        assert "01:00" <= line["time"][11:16] < "05:00"


def test_a_recall_brings_ten_times_the_calls_each_with_a_ticket(tmp_path: Path) -> None:
    world = told(make("call-storm", tmp_path, scale=SCALE, seed=2))
    days: dict[str, int] = {}
    for line in world.lines.values():
        if line["uri"].endswith("/notes"):
            days[line["time"][:10]] = days.get(line["time"][:10], 0) + 1
    usual = sorted(days.values())[len(days) // 2]
    assert max(days.values()) > 8 * usual
    assert sum(row["topic"] == "Product recall" for row in world.papers("tickets")) > 1_000


@pytest.mark.parametrize("name", ["quiet", "snooping"])
def test_same_seed_same_bytes(tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        make(name, tmp_path / folder, scale=SCALE, seed=3)
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path


def test_scenarios_play_side_by_side(tmp_path: Path) -> None:
    world = told(make("snooping", tmp_path, scale=SCALE, seed=4, mix=("coinbase-2025", "scraper")))
    assert {one["scenario"] for one in world.bad} == {"snooping", "coinbase-2025"}
    assert world.meta["scenarios"]["scraper"]["requests"] == 0
    assert any("price-bot" in line.get("http_user_agent", "") for line in world.lines.values())
    assert {name for person in world.persons for name in person["scenarios"]} == {"snooping", "coinbase-2025"}


def test_parts_can_be_left_out(tmp_path: Path) -> None:
    without = ("issuance", "keys", "registry", "personnel", "reasons")
    made = make("snooping", tmp_path, scale=SCALE, seed=4, without=without)
    left = {path.name for path in made.inspect.iterdir()} - {"logs"}
    assert left == {"haechi.toml", "address_book.parquet", "documents.parquet"}
    workspace = open_workspace(made.inspect)
    assert workspace is not None
    assert [source.name for source in workspace.settings.sources] == ["gateway"]
    assert not workspace.settings.issuers and not workspace.settings.purposes


def test_a_carrier_of_one_address_shows_each_of_its_members(tmp_path: Path) -> None:
    world = told(make("scraper", tmp_path, scale=SCALE, seed=4, nat=3_000))
    behind = {
        line["jwt_claim_sub"] for line in world.lines.values() if line["remote_addr"] == "100.64.7.1"
    } - {""}
    assert 2_700 < len(behind) <= 3_000


def test_logs_can_end_early(tmp_path: Path) -> None:
    world = told(make("scraper", tmp_path, scale=SCALE, seed=4, until=date(2025, 9, 3)))
    assert max(line["time"] for line in world.lines.values())[:10] == "2025-09-03"
