"""Leavers on a terminal: 80 columns, aligned whatever the script, and nothing of a name acts on the terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.identity.knowing import day, engine_of, fact

from haechi.cli import leaver as verbs
from haechi.identity.facts import keep_facts
from haechi.identity.gather import Gathered
from haechi.identity.interface import Fact
from haechi.identity.leaver import check
from haechi.identity.leaver_values import LeaverCheck
from haechi.model.settings import Settings
from haechi.report.custody import entries
from haechi.report.inspection import collect
from haechi.report.terminal_leaver import print_check, print_gathered
from haechi.store.of_workspace import open_store
from haechi.workspace.load import Workspace, load

SEOUL = ZoneInfo("Asia/Seoul")
KIM = {"person": "김철수", "account": "kim", "departed": day(10)}
LONG = "transit/keys/" + "a-very-long-name-of-a-key-" * 4


def checked(*facts: dict[str, Any], people: Any = (KIM,)) -> LeaverCheck:
    engine = engine_of(facts, people)
    try:
        return check(engine, Settings(), "", day(20).replace(tzinfo=UTC))
    finally:
        engine.close()


def printed(found: LeaverCheck, everything: bool = False, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace")
    console = Console(file=file, width=80, markup=False, emoji=False, highlight=False, legacy_windows=False)
    print_check(found, console, SEOUL, everything)
    file.seek(0)
    return file.read().splitlines()


FACTS = (
    fact(12, "account", "dead", account="kim", system="메일 서버"),
    fact(19, "session", account="kim", object="\x1b[2Jpid\u202e4711", system="db"),
    fact(
        2,
        "exposure",
        account="kim",
        object=LONG,
        version="12",
        how="exported",
        evidence="audit entry " + "x" * 200,
    ),
)


def test_lines_fit_and_columns_stand_below_each_other() -> None:
    lines = printed(checked(*FACTS))
    assert max(map(cell_len, lines)) <= 80
    rows = [line for line in lines if line.split()[:1] in (["ALIVE"], ["UNKNOWN"], ["DEAD"])]
    assert len(rows) == 3
    places = {
        cell_len(row[: row.index(system)]) for row, system in zip(rows, ("메일", "db", "S"), strict=True)
    }
    assert len(places) == 1
    assert any("version 12" in row for row in rows)


def test_nothing_of_a_name_acts_on_the_terminal() -> None:
    text = "\n".join(printed(checked(*FACTS)))
    assert "\x1b[2J" not in text and "\u202e" not in text
    assert "\\x1b[2Jpid\\u202e4711" in text


def test_a_terminal_of_plain_letters_shows_it_all_the_same() -> None:
    assert any("\\ubf54" in line or "\\u" in line for line in printed(checked(*FACTS), encoding="ascii"))


def test_the_headline_counts_and_the_evidence_stands_below() -> None:
    lines = printed(checked(*FACTS))
    assert lines[0] == "김철수: 3 ways in must be dead; 1 ALIVE, 1 UNKNOWN, 1 DEAD."
    assert any(line.strip().startswith("had it: 2026-01-03 09:00:00 exported: audit entry") for line in lines)
    assert "left on 2026-01-11; everything must be dead by 2026-01-12 09:00:00" in lines[2]


def test_the_evidence_of_the_dead_is_told_when_asked_for() -> None:
    assert "day 12" not in "\n".join(printed(checked(*FACTS)))
    assert "day 12" in "\n".join(printed(checked(*FACTS), everything=True))


def test_nobody_left_and_nothing_known_are_not_the_same() -> None:
    assert printed(checked(people=[]))[0] == "Nobody is known to have left."
    lonely = checked(people=[KIM | {"account": None}])
    assert printed(lonely)[0] == "김철수: no way in is known. That is not the same as none."


def test_what_was_gathered() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, markup=False)
    print_gathered(
        [Gathered("mail", "scim", 3, listed=["account"]), Gathered("db", "postgresql", problem="down")],
        console,
    )
    assert [line.split() for line in file.getvalue().splitlines()] == [
        ["mail", "scim", "3", "facts;", "listed", "whole:", "account"],
        ["db", "postgresql", "not", "asked:", "down"],
    ]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "haechi.toml").write_text('[[source]]\nname = "hr"\ntable = "person"\npaths = ["hr.csv"]\n')
    (tmp_path / "hr.csv").write_text("employee_id,login,termination_date\nE1,kim,2026-01-02\n")
    found = load(tmp_path)
    collect([], found)
    return found


def account(state: Any, number: float) -> Fact:
    return Fact(day(number).replace(tzinfo=UTC), "account", "mail", state, "active", account="kim")


def test_the_exit_code_tells_whether_all_is_dead(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_facts(workspace, "mail", [account("alive", 0)])
    assert verbs.check(workspace=workspace.root, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["people"][0]["items"][0]["state"]) == ("alive", "alive")
    keep_facts(workspace, "mail", [account("dead", 1)])
    assert verbs.check("E1", workspace=workspace.root) == 0
    assert verbs.check("E1", at="2026-01-01", workspace=workspace.root) == 0  # not left yet


def test_whoever_looked_stands_in_the_log_and_no_person_does(workspace: Workspace) -> None:
    verbs.check("E1", workspace=workspace.root, as_json=True)
    (look,) = entries(open_store(workspace))
    assert (look.verb, look.what) == ("leaver check", {"people": "one"})


def test_lists_alone_can_be_gathered(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert verbs.gather(workspace=workspace.root, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["read"]["set_aside"] == 0
