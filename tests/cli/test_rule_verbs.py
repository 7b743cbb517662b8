"""rule list, test, new and add."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Haechi = Callable[..., Any]

SIGMA = """\
title: Secrets in an address
id: 0d9f1c55-1111-4222-8333-000000000001
description: A password stands in the address of a page.
falsepositives:
    - Tests of the application
level: high
tags: [attack.credential-access, attack.t1552]
logsource:
    category: webserver
detection:
    selection:
        cs-uri-query|contains: password=
    condition: selection
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "haechi.toml").write_text('[[source]]\nname = "web"\npaths = ["*.log"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_rule_passes_its_own_test(haechi: Haechi, workspace: Path) -> None:
    assert haechi("rule", "new", "too-many-exports").code == 0
    said = haechi("rule", "test", "too-many-exports", "--json")
    assert said.code == 0
    assert said.document["rules"] == [{"id": "too-many-exports", "scenes": 1, "problems": [], "note": ""}]
    assert haechi("rule", "test", "rules/too-many-exports.sql").code == 0
    again = haechi("rule", "new", "too-many-exports")
    assert again.code == 3
    assert "already" in again.err


@pytest.mark.parametrize("name", ["Upper", "a b", "../x", "", "x_y", "-x"])
def test_a_name_that_cannot_be_an_id_is_refused(haechi: Haechi, workspace: Path, name: str) -> None:
    assert haechi("rule", "new", "--", name).code == 3
    assert not (workspace / "rules").exists()


def test_what_differs_from_a_fixture_is_said(haechi: Haechi, workspace: Path) -> None:
    haechi("rule", "new", "mine")
    fixture = workspace / "rules" / "fixtures" / "mine.toml"
    fixture.write_text(fixture.read_text().replace("accesses = 25", "accesses = 24"))
    said = haechi("rule", "test", "mine")
    assert said.code == 1
    assert "not found" in said.out
    assert "not expected" in said.out
    rule = workspace / "rules" / "mine.sql"
    rule.write_text(rule.read_text().replace("FROM many", "FROM nothing"))
    said = haechi("rule", "test", "mine")
    assert said.code == 1
    line = rule.read_text().partition("FROM nothing")[0].count("\n") + 1
    assert f"mine.sql:{line}" in said.out


def test_an_unknown_rule_to_test_is_named(haechi: Haechi, workspace: Path) -> None:
    assert "no rule 'none'" in haechi("rule", "test", "none").err
    assert haechi("rule", "test", "none.sql").code == 3


def test_a_built_in_rule_is_tested_anywhere(haechi: Haechi) -> None:
    (trial,) = haechi("rule", "test", "never-issued", "--json").document["rules"]
    assert (trial["problems"], trial["scenes"] > 0) == ([], True)


def test_a_sigma_rule_is_added_listed_and_run(haechi: Haechi, workspace: Path) -> None:
    (workspace / "some.yml").write_text(SIGMA)
    added = haechi("rule", "add", "some.yml", "--json")
    assert added.code == 0
    assert [rule["id"] for rule in added.document["added"]] == ["secrets-in-an-address"]
    text = (workspace / "rules" / "secrets-in-an-address.sql").read_text()
    assert "0d9f1c55-1111-4222-8333-000000000001" in text
    assert "some.yml" in text
    explained = haechi("rule", "explain", "secrets-in-an-address")
    assert "Tests of the application" in explained.out
    assert "T1552" in explained.out
    tried = haechi("rule", "test", "secrets-in-an-address")
    assert tried.code == 0
    assert "no fixture" in tried.out
    again = haechi("rule", "add", "some.yml")
    assert again.code == 3
    assert "--replace" in again.err
    assert haechi("rule", "add", "some.yml", "--replace", "--entity", "client").code == 0

    line = '{ip} - - [01/May/2025:10:00:0{n} +0900] "GET /login?{query} HTTP/1.1" 200 5 "-" "Browser"\n'
    (workspace / "web.log").write_text(
        line.format(ip="192.0.2.1", n=1, query="password=x") + line.format(ip="192.0.2.2", n=2, query="q=1")
    )
    document = haechi("inspect", "--json", "--rule", "secrets-in-an-address").document
    (finding,) = document["findings"]
    assert (finding["entity_kind"], finding["entity"], finding["accesses"]) == ("client", "Browser", 1)
    assert finding["severity"] == "high"


def test_a_field_that_no_column_holds_is_named_with_its_line(haechi: Haechi, workspace: Path) -> None:
    (workspace / "some.yml").write_text(SIGMA.replace("cs-uri-query|contains", "cs-cookie|contains"))
    said = haechi("rule", "add", "some.yml")
    assert said.code == 3
    assert "'cs-cookie'" in said.err
    assert "some.yml:12" in said.err
    assert not (workspace / "rules").exists()


def test_an_unknown_kind_of_entity_is_wrong_use(haechi: Haechi, workspace: Path) -> None:
    (workspace / "some.yml").write_text(SIGMA)
    assert haechi("rule", "add", "some.yml", "--entity", "host").code == 2


def test_a_rule_is_added_to_a_workspace_only(
    haechi: Haechi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.yml").write_text(SIGMA)
    assert haechi("rule", "add", "some.yml").code == 2


def test_the_list_says_what_can_run_here(haechi: Haechi, workspace: Path) -> None:
    before = {rule["id"]: rule for rule in haechi("rule", "list", "--json").document["rules"]}
    assert before["never-issued"]["why_not"] == "nothing has been collected yet"
    assert not (workspace / "store").exists()
    (workspace / "web.log").write_text(
        '192.0.2.1 - - [01/May/2025:10:00:01 +0900] "GET / HTTP/1.1" 200 5 "-" "x"\n'
    )
    haechi("collect")
    (workspace / "rules").mkdir()
    (workspace / "rules" / "broken.sql").write_text("SELECT 1")
    listed = haechi("rule", "list", "--json").document
    rules = {rule["id"]: rule for rule in listed["rules"]}
    assert (rules["never-issued"]["runs"], rules["never-issued"]["why_not"]) == (
        False, "no issuance records were collected",
    )  # fmt: skip
    assert any(rule["runs"] for rule in rules.values())
    assert listed["unreadable"] == {"broken": "the rule has no header"}
    said = haechi("rule", "list")
    (line,) = [line for line in said.out.splitlines() if line.startswith("never-issued")]
    assert "no: no issuance" in line
    assert "broken cannot be read" in said.err
