"""`haechi inspect`: the answer, the document and the exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Haechi = Callable[..., Any]


def test_a_quiet_log_is_nothing_found(haechi: Haechi, access_log: Path) -> None:
    said = haechi("inspect", access_log)
    assert said.code == 0
    assert re.match(r"Nothing (found by the|was found, because no rule could run)", said.out)
    assert "40 lines read = 40 stored + 0 set aside" in said.out
    assert said.err == ""
    assert "\x1b" not in said.out


def test_one_document_and_nothing_else(haechi: Haechi, access_log: Path) -> None:
    said = haechi("inspect", access_log, "--json")
    assert (said.code, said.err) == (0, "")
    assert set(said.document) >= {"checkpoint", "read", "findings", "cases"}
    read = said.document["read"]
    assert (read["lines"], read["stored"], read["set_aside"]) == (40, 40, 0)
    assert read["sources"][0]["bytes_sent"] == 40 * 512
    assert read["sources"][0]["first"] == "2025-03-05T10:00:00Z"


def test_an_incident_is_found(haechi: Haechi, drilled: Path) -> None:
    said = haechi("inspect", "--workspace", drilled, "--json")
    assert said.code == 1
    (case,) = said.document["cases"]
    assert set(case) >= {"id", "title", "tier", "first_seen", "last_seen", "entities", "scope", "coverage"}
    assert set(case["scope"]) >= {"requests", "accounts", "persons", "fields"}
    assert case["findings"] and case["tier"] == "provenance"
    times = [
        value for key, value in _walk(said.document) if key in ("first_seen", "last_seen", "first", "last")
    ]
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", time) for time in times if time)


def test_the_report_of_an_incident_names_the_case(haechi: Haechi, drilled: Path) -> None:
    said = haechi("inspect", "--workspace", drilled)
    assert said.code == 1
    assert said.out.startswith("1 case found. It reached personal data of ")
    assert "(Asia/Seoul, UTC+09:00)" in " ".join(said.out.split())
    assert str(drilled) not in said.out


def test_what_was_asked_for_and_is_not_there(haechi: Haechi) -> None:
    said = haechi("inspect", "missing.log")
    assert said.code == 3
    assert said.out.splitlines()[0] == "Nothing was read: missing.log: there is no such file."
    assert "not looked at" not in said.out


def test_an_unknown_format_is_the_first_line_and_its_list_stands_once(haechi: Haechi, tmp_path: Path) -> None:
    (tmp_path / "odd").write_text("nothing to see\n" * 50)
    said = haechi("inspect", "odd")
    assert said.code == 3
    assert said.out.splitlines()[0] == "Nothing was read: odd: unknown format."
    assert said.out.count("tried:") == 1


def test_a_file_added_to_a_workspace_is_said_and_read_once(
    haechi: Haechi, access_log: Path, tmp_path: Path
) -> None:
    (tmp_path / "haechi.toml").write_text('[workspace]\nname = "shop"\n')
    first, again = haechi("inspect", access_log), haechi("inspect", access_log)
    said = f"1 file of none of its sources was added to the workspace shop ({tmp_path})."
    assert said in " ".join(first.out.split())
    assert "added to the workspace" not in again.out
    assert "nothing new in 1 file" in again.out


def test_what_was_found_weighs_more_than_what_was_not_read(haechi: Haechi, drilled: Path) -> None:
    said = haechi("inspect", "missing.log", "--workspace", drilled)
    assert said.code == 1
    assert "1 file could not be read to the end (see below)." in said.out


def test_nothing_to_inspect_is_wrong_use(haechi: Haechi) -> None:
    said = haechi("inspect")
    assert (said.code, said.out) == (2, "")
    assert "haechi init" in said.err


def test_an_unknown_rule_is_named(haechi: Haechi, access_log: Path) -> None:
    said = haechi("inspect", access_log, "--rule", "no-such-rule")
    assert (said.code, said.out) == (2, "")
    assert "no-such-rule" in said.err and "--rule" in said.err


def test_a_rule_nearly_named_is_offered(haechi: Haechi, access_log: Path) -> None:
    said = haechi("inspect", access_log, "--rule", "never-isued")
    assert 'Did you mean "never-issued"?' in " ".join(said.err.split())


@pytest.mark.parametrize("name", ["empty.log", "folder", "-w"])
def test_nothing_to_look_at_is_not_nothing_found(haechi: Haechi, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.log").write_text("")
    (tmp_path / "folder").mkdir()
    if name == "-w":
        (tmp_path / "haechi.toml").write_text("")
    said = haechi("inspect", *([name, "."] if name == "-w" else [name]))
    assert said.code == 3
    assert said.out.startswith("Nothing was read, so nothing can be said.")


def test_only_the_rules_asked_for_run(haechi: Haechi, access_log: Path) -> None:
    said = haechi("inspect", access_log, "--rule", "persons-over-budget", "--json")
    assert [run["rule"] for run in said.document["rules"]] == ["persons-over-budget"]


def test_a_kept_store_can_be_used_again(haechi: Haechi, access_log: Path, tmp_path: Path) -> None:
    assert haechi("inspect", access_log, "--keep-store", tmp_path / "kept").code == 0
    said = haechi("inspect", access_log, "--keep-store", tmp_path / "kept", "--json")
    assert said.document["read"]["lines"] == 0
    assert said.document["records"]["access"] == 40


@pytest.mark.parametrize("text", ["", "not a log at all\n" * 50, "\x00\x01\x02" * 500])
def test_odd_files_get_an_answer(haechi: Haechi, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd").write_text(text)
    said = haechi("inspect", "odd", "--json")
    assert said.code in (0, 3)
    assert said.document["cases"] == []


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from _walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)
