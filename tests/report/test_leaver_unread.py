"""A row of the list of people that could not be read may be a leaver's: nothing is called dead over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from haechi.cli import leaver as verbs
from haechi.model.errors import IdentityError
from haechi.proof.prove_leaver import prove_leaver
from haechi.proof.verdict import all_good
from haechi.proof.verify_pack import verify_pack
from haechi.report.inspection import collect
from haechi.workspace.load import Workspace, load

HEAD = "employee_id,login,termination_date\n"
GOOD = "E1,kim,2026-01-02\n"
FACTS = "system,account,kind,state,time\nmail,kim,account,dead,2026-01-02\n"
SETTINGS = """
[[source]]
name = "hr"
table = "person"
paths = ["hr.csv"]

[[source]]
name = "accounts"
table = "fact"
paths = ["facts.csv"]
"""


def read(folder: Path, people: str) -> Workspace:
    (folder / "haechi.toml").write_text(SETTINGS)
    (folder / "facts.csv").write_text(FACTS)
    (folder / "hr.csv").write_text(people)
    workspace = load(folder)
    collect([], workspace)
    return workspace


def test_all_dead_is_0_only_if_every_row_was_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path, HEAD + GOOD)
    assert verbs.check(workspace=tmp_path) == 0
    read(tmp_path, HEAD + GOOD + "E1013,lee,the day before yesterday\n")
    capsys.readouterr()
    assert verbs.check(workspace=tmp_path) == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    after = lines[lines.index("Not looked at") + 1 :]
    assert " ".join(after).startswith(
        "1 row of the list of people could not be read; who stands there was not looked at hr.csv:3: "
    )
    assert verbs.check("E1", workspace=tmp_path, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["unread"]) == ("unknown", 1)


def test_whoever_is_unknown_may_stand_in_a_row_that_could_not_be_read(tmp_path: Path) -> None:
    read(tmp_path, HEAD + GOOD + "E1013,lee,the day before yesterday\n")
    with pytest.raises(IdentityError, match="1 row of the list of people could not be read") as raised:
        verbs.check("E1013", workspace=tmp_path)
    assert "hr.csv:3: " in raised.value.where


def test_a_row_that_was_corrected_is_read(tmp_path: Path) -> None:
    read(tmp_path, HEAD + "E1013,lee,the day before yesterday\n" + GOOD)
    assert verbs.check("E1", workspace=tmp_path) == 1
    read(tmp_path, HEAD + "E1013,lee,\n" + GOOD)
    assert verbs.check("E1", workspace=tmp_path) == 0
    read(tmp_path, HEAD + "E1013,lee,\n" + GOOD + "E1014,han,soon\n")
    assert verbs.check("E1", workspace=tmp_path) == 1


def test_the_pack_says_so_and_holds(tmp_path: Path) -> None:
    workspace = read(tmp_path, HEAD + GOOD + "E1013,lee,the day before yesterday\n")
    _, found = prove_leaver(workspace, "", tmp_path / "pack.zip")
    assert (found.state, found.unread, found.not_looked_at[1][:9]) == ("unknown", 1, "hr.csv:3:")
    assert all_good(verify_pack(tmp_path / "pack.zip"))
