"""Spark asked for in haechi.toml and by `--engine`, as typed: the same answers as DuckDB's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.servers.spark import LOCAL

from haechi.cli.main import run
from haechi.detect.rule import rule_files
from haechi.store.spark import open as opening

pytestmark = pytest.mark.xdist_group("spark")

RULE = "id-walk"
LINE = (
    '198.51.100.7 - - [05/Mar/2025:10:00:{0:02d} +0000] "GET /members/M{0} HTTP/1.1" 200 512 "-" "curl/8"\n'
)
SOURCE = """
[[source]]
name = "web"
paths = ["access.log"]
format = "combined"

[[route]]
path = "/members/{id}"
fields = ["name", "address"]
subject = "path:id"
"""
# Those not asked for would take most of the time.
RULES = "".join(f"[rules.{path.stem}]\nenabled = false\n" for path in rule_files(None) if path.stem != RULE)
# What an answer tells of itself and not of the records.
_OWN = ("checkpoint", "rules", "read", "out")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        return {name: value for name, value in json.loads(self.out).items() if name not in _OWN}

    @property
    def problem(self) -> str:
        error: dict[str, str] = json.loads(self.out)["error"]
        return " ".join(error.values())


class Desk:
    """A workspace, and somebody who types there."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys
        (root / "access.log").write_text("".join(LINE.format(n) for n in range(1, 50)))
        self.configure("")

    def configure(self, more: str) -> None:
        (self.root / "haechi.toml").write_text(SOURCE + RULES + more)

    def say(self, *words: str) -> Said:
        self._capsys.readouterr()
        code = run([*words, "--workspace", str(self.root), "--json"])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The masters of all Sparks that were opened."""
    masters: list[str] = []
    really = opening.open_session

    def note(settings: Any, records: int) -> Any:
        masters.append(settings.master)
        return really(settings, records)

    monkeypatch.setattr(opening, "open_session", note)
    return masters


def _engine(kind: str) -> str:
    options = "".join(f'"{name}" = "{value}"\n' for name, value in LOCAL.options.items())
    settings = f'kind = "{kind}"\nmaster = "{LOCAL.master}"\nmemory = "{LOCAL.memory}"'
    return f"\n[engine]\n{settings}\n[engine.options]\n{options}"


@pytest.mark.usefixtures("spark_memory")
def test_the_workspace_says_it_for_good(desk: Desk, opened: list[str]) -> None:
    one = desk.say("inspect")
    assert one.code == 1 and one.answer["cases"] and opened == []
    desk.configure(_engine("spark"))
    other = desk.say("inspect")
    assert opened == [LOCAL.master]
    assert (other.code, other.answer) == (one.code, one.answer)
    assert desk.say("inspect", "--engine", "duckdb").answer == one.answer
    assert opened == [LOCAL.master], "what is typed goes before what the workspace says"


@pytest.mark.usefixtures("spark_memory")
def test_a_scope_and_its_people(desk: Desk, opened: list[str]) -> None:
    desk.configure(_engine("duckdb"))
    case = desk.say("inspect").answer["cases"][0]["id"]
    one = desk.say("scope", case, "--out", str(desk.root / "one.csv"))
    other = desk.say("scope", case, "--out", str(desk.root / "other.csv"), "--engine", "spark")
    assert opened == [LOCAL.master]
    assert (one.code, other.code) == (0, 0), other.err
    assert other.answer == one.answer and one.answer["rows"] == 49
    assert (desk.root / "other.csv").read_text() == (desk.root / "one.csv").read_text()


@pytest.mark.parametrize("verb", [["inspect"], ["scope", "C-1"]])
@pytest.mark.parametrize("name", ["flink", "Spark", "duckdb "])
def test_an_engine_that_is_not_there(desk: Desk, verb: list[str], name: str) -> None:
    said = desk.say(*verb, "--engine", name)
    assert said.code == 2
    assert f"There is no engine '{name}': duckdb or spark." in said.problem


def test_an_engine_in_the_settings_that_is_not_there(desk: Desk) -> None:
    desk.configure(_engine("flink"))
    said = desk.say("inspect")
    assert said.code == 2
    assert 'engine.kind: cannot be "flink". Known: duckdb, spark.' in said.problem


@pytest.mark.usefixtures("spark_memory")
def test_some_days_are_refused_on_spark(desk: Desk) -> None:
    desk.configure(_engine("spark"))
    said = desk.say("inspect", "--day", "2025-03-05")
    assert said.code == 2
    assert "--engine duckdb" in said.problem
