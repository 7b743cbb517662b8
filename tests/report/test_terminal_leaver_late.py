"""What is dead was late all the same; and whoever is still there has nothing that must be dead."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from tests.identity.knowing import day, engine_of, fact
from tests.report.test_terminal_leaver import KIM, printed

from haechi.cli import leaver as verbs
from haechi.identity.leaver import check
from haechi.identity.leaver_values import LeaverCheck
from haechi.model.settings import Settings
from haechi.report.inspection import collect
from haechi.workspace.load import load

LEE = {"person": "E2", "account": "lee"}
HAN = {"person": "E3", "account": "han", "departed": day(30)}


def account(number: float, state: str = "alive", name: str = "kim", **more: Any) -> dict[str, Any]:
    return fact(number, "account", state, account=name, system="mail") | more


def checked(who: str, *facts: dict[str, Any]) -> LeaverCheck:
    engine = engine_of(facts, (KIM, LEE, HAN))
    try:
        return check(engine, Settings(), who, day(20).replace(tzinfo=UTC))
    finally:
        engine.close()


def test_a_late_death_is_told_without_asking_for_all() -> None:
    found = checked("kim", account(13), account(14, "dead"), account(5), account(6, "dead", system="crm"))
    short, long = printed(found), printed(found, everything=True)
    said = "2 are dead, 1 of them later than it had to be; --all shows by how much."
    assert said in short and said not in long
    assert "late by 3 days" in "\n".join(long) and "too long" not in "\n".join(long)
    assert "late by" not in "\n".join(short)


def test_the_dead_who_were_not_late() -> None:
    assert "1 is dead; --all shows what tells it." in printed(checked("kim", account(5, "dead")))
    assert not any("--all" in line for line in printed(checked("kim", account(5))))


def test_of_whoever_is_still_there_nothing_must_be_dead() -> None:
    found = checked("lee", account(13, name="lee"), account(13, name="lee", system="crm"))
    lines = printed(found)
    assert lines[0] == "E2 has 2 ways in; nothing must be dead before they leave."
    assert lines[2] == "E2 (lee) is still there" and found.settled


def test_a_departure_to_come_is_one() -> None:
    found = checked("han", account(13, name="han"))
    assert printed(found)[2].startswith(
        "E3 (han) leaves on 2026-01-31; everything must be dead by 2026-02-01"
    )
    assert found.settled


def test_somebody_on_no_list_of_people_may_have_left() -> None:
    found = checked("E9", account(13, name="oh", person="E9"))
    lines = printed(found)
    assert lines[0] == "E9: 1 way in known; 1 ALIVE."
    assert "is on no list of people" in lines[2] and not found.settled


def test_exit_code_0_for_whoever_is_still_there(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text(
        '[[source]]\nname = "hr"\ntable = "person"\npaths = ["hr.csv"]\n'
        '[[source]]\nname = "list"\ntable = "fact"\npaths = ["list.csv"]\n'
    )
    (tmp_path / "hr.csv").write_text("employee_id,login,termination_date\nE1,kim,2026-01-02\nE2,lee,\n")
    (tmp_path / "list.csv").write_text(
        "system,account,kind,state,time\nmail,kim,account,active,2026-01-04\nmail,lee,account,active,2026-01-04\n"
    )
    collect([], load(tmp_path))
    assert verbs.check("lee", workspace=tmp_path, as_json=True) == 0
    assert verbs.check("kim", workspace=tmp_path, as_json=True) == 1
    assert verbs.check(workspace=tmp_path, as_json=True) == 1


def test_the_account_stands_beside_the_fingerprint_of_a_key() -> None:
    print_of = "SHA256:yk5ZsuVGLmFpHbmvFWHz2Wn9tW2JHwTqk4GGGyIl9jE"
    key = fact(
        13, "grant", account="kim", object=print_of, system="hosts", evidence='keys/kim:1: "kim@laptop"'
    )
    lines = printed(checked("kim", key))
    (row,) = [line for line in lines if "SHA256" in line]
    assert " of kim " in row and max(map(len, lines)) <= 80
    assert any("kim@laptop" in line for line in lines)
