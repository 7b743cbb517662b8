"""Packs of leavers: what an auditor can recount from the rows, without the company and offline."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.proof.packs import files_of, rezip
from tests.proof.test_verify_pack import bad, fitted

from haechi.evidence import jcs
from haechi.identity.facts import keep_facts
from haechi.identity.interface import Fact
from haechi.proof.prove_leaver import prove_leaver
from haechi.proof.verdict import all_good
from haechi.proof.verify_pack import verify_pack
from haechi.report.inspection import collect
from haechi.workspace.load import Workspace, load

NOW = datetime.now(UTC).replace(microsecond=0)
TOML = """
[[source]]
name = "hr"
table = "person"
paths = ["hr.csv"]

[[system]]
name = "mail"
kind = "scim"
url = "https://mail.example"

[[issuer]]
name = "login"

[[issuer.key]]
kid = "k1"
secret = "transit/keys/login:1"
"""


def facts() -> list[Fact]:
    """kim's account is dead, the right still listed, the session gone from the list, the key alive at the gateway."""
    before, took = NOW - timedelta(days=1), NOW - timedelta(days=90)
    return [
        Fact(took, "exposure", "vault", "alive", "audit entry 7", account="kim", object="transit/keys/login",
             version="1", how="exported"),
        Fact(before, "session", "mail", "alive", "listed", account="kim", object="s1"),
        Fact(NOW, "account", "mail", "dead", "active is false", account="kim"),
        Fact(NOW, "grant", "mail", "alive", "listed", account="kim", object="group/admins"),
        Fact(NOW, "listing", "mail", "alive", "all sessions", object="session"),
        Fact(NOW, "probe", "gate", "alive", "let in: 200", object="old-key", version="k1", how="gateway"),
        Fact(NOW, "account", "mail", "alive", "active is true", account="lee"),
        Fact(NOW, "probe", "crm", "dead", "refused", account="han", object="han-crm", how="scim"),
        Fact(NOW + timedelta(seconds=1), "account", "crm", "alive", "active is true", account="han"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("leavers")
    (folder / "haechi.toml").write_text(TOML)
    left = NOW - timedelta(days=30)
    (folder / "hr.csv").write_text(
        f"employee_id,login,hire_date,termination_date\nE1,kim,2020-01-02,{left:%Y-%m-%d}\nE2,lee,2020-01-02,\nE3,han,2020-01-02,{left:%Y-%m-%d}\n"
    )
    found = load(folder)
    collect([], found)
    keep_facts(found, "mail", facts())
    return found


@pytest.fixture(scope="module")
def pack(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pack") / "kim.zip"
    proved, found = prove_leaver(workspace, "E1", out)
    assert (proved.kind, found.state, found.counts) == (
        "leaver",
        "alive",
        {"alive": 1, "unknown": 0, "dead": 3},
    )
    return out


def test_it_is_whole_and_holds_nobody_else(pack: Path) -> None:
    verdicts = list(verify_pack(pack))
    assert all_good(verdicts), verdicts
    whole, note = [verdict for verdict in verdicts if verdict.thing == "statement"]
    assert whole.sentence == "4 ways in of 1 person: 1 ALIVE, 0 UNKNOWN, 3 DEAD; each borne out by its rows"
    assert "on the company's word rest" in note.sentence
    files = files_of(pack)
    assert b"lee" not in files["rows.jsonl"] and b"E2" not in files["rows.jsonl"]
    assert "E1" in files["README.en.txt"].decode() and "퇴사자(E1)" in files["README.ko.txt"].decode()


def test_all_who_left_without_a_name(workspace: Workspace, tmp_path: Path) -> None:
    prove_leaver(workspace, "", tmp_path / "all.zip")
    assert all_good(verify_pack(tmp_path / "all.zip"))


Change = Callable[[Any], None]


def item(statement: Any, sort: str) -> Any:
    return next(i for i in statement["check"]["people"][0]["items"] if i["sort"] == sort)


def call_it_dead(statement: Any) -> None:
    item(statement, "secret")["state"] = "dead"
    statement["check"] |= {"state": "dead", "counts": {"alive": 0, "unknown": 0, "dead": 4}}


def call_it_unknown(statement: Any) -> None:
    item(statement, "secret")["state"] = "unknown"
    statement["check"] |= {"state": "unknown", "counts": {"alive": 0, "unknown": 1, "dead": 3}}


def leave_the_account_alive(statement: Any) -> None:
    item(statement, "account")["state"] = "unknown"
    statement["check"]["counts"] = {"alive": 1, "unknown": 1, "dead": 2}


def quote_wrongly(statement: Any) -> None:
    item(statement, "secret")["had"][0]["text"] = "read: audit entry 8"


def cite_nothing(statement: Any) -> None:
    item(statement, "session")["told"] = []


def cite_what_is_not_there(statement: Any) -> None:
    item(statement, "session")["told"][0]["seq"] = 99


def drop_an_item(statement: Any) -> None:
    items = statement["check"]["people"][0]["items"]
    items.remove(item(statement, "secret"))
    statement["check"] |= {"state": "dead", "counts": {"alive": 0, "unknown": 0, "dead": 3}}


def leave_earlier(statement: Any) -> None:
    statement["check"]["people"][0]["departed"] = "2025-01-01T00:00:00Z"


def say_dead(statement: Any) -> None:
    statement["check"]["state"] = "dead"


def miscount(statement: Any) -> None:
    statement["check"]["counts"]["dead"] = 2


def be_somebody_else(statement: Any) -> None:
    statement["check"]["people"][0]["person"] = "E2"


def be_of_another_time(statement: Any) -> None:
    statement["check"]["at"] = "2025-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (call_it_dead, "stated DEAD, and a probe says otherwise"),
        (call_it_unknown, "stated UNKNOWN, and a probe says ALIVE"),
        (leave_the_account_alive, "grant group/admins of mail: stated DEAD, and no record says so"),
        (quote_wrongly, "it quotes a record otherwise than it is"),
        (cite_nothing, "session s1 of mail: stated DEAD, and no record says so"),
        (cite_what_is_not_there, "a record that it cites is not in the pack"),
        (drop_an_item, "2 rows of the pack bear out nothing that is stated"),
        (leave_earlier, "another departure than the list of people"),
        (say_dead, "its verdict is not the worst of what it lists"),
        (miscount, "its counts are not the sums of what it lists"),
        (be_somebody_else, "on another person than was asked for"),
        (be_of_another_time, "of another time than was asked for"),
    ],
)
def test_a_statement_that_the_rows_do_not_bear_out_is_named(
    pack: Path, tmp_path: Path, change: Change, sentence: str
) -> None:
    """The seal names it too; where the company itself had sealed it, this is what would remain."""
    files = files_of(pack)
    statement = json.loads(files["statement.json"])
    change(statement)
    forged = fitted({**files, "statement.json": json.dumps(statement).encode()}, jcs)
    verdicts = list(verify_pack(rezip(forged, tmp_path / "a.zip")))
    assert {("seal", "altered"), ("statement", "altered")} <= bad(verdicts)
    said = [verdict.sentence for verdict in verdicts if verdict.thing == "statement"]
    assert any(sentence in found for found in said), said


def test_a_list_that_is_newer_than_the_probe_cannot_be_left_out(workspace: Workspace, tmp_path: Path) -> None:
    _, found = prove_leaver(workspace, "E3", tmp_path / "han.zip", NOW + timedelta(seconds=2))
    assert found.state == "alive"
    files = files_of(tmp_path / "han.zip")
    statement = json.loads(files["statement.json"])
    item(statement, "account")["state"] = "dead"
    statement["check"] |= {"state": "dead", "counts": {"alive": 0, "unknown": 0, "dead": 1}}
    forged = fitted({**files, "statement.json": json.dumps(statement).encode()}, jcs)
    verdicts = [v.sentence for v in verify_pack(rezip(forged, tmp_path / "a.zip")) if v.thing == "statement"]
    assert any("newer than all probes" in sentence for sentence in verdicts), verdicts


def test_a_statement_that_is_none_is_named(pack: Path, tmp_path: Path) -> None:
    forged = fitted({**files_of(pack), "statement.json": b"{}"}, jcs)
    verdicts = list(verify_pack(rezip(forged, tmp_path / "a.zip")))
    assert ("statement", "altered") in bad(verdicts)
