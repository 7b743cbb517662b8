"""What an outsider sees of questions: steps that are missing from the log, or were altered in the database."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from tests.respond.conftest import Office

from haechi.model.errors import StoreError
from haechi.proof.verify_store_statements import check_statements
from haechi.respond import database as db
from haechi.respond import questions
from haechi.respond.decisions import Answer, answer
from haechi.respond.seal import compare
from haechi.respond.tend import send
from haechi.store.leaves import AskLeaf, read_leaf, write_leaf


def step(n: int, ask: str = "A-1") -> AskLeaf:
    return AskLeaf(n, "ahn (uid 1)", ask, n, n, "asked", "C-1", None, "00")


def told(*leaves: AskLeaf, complete: bool = True) -> list[tuple[str, str]]:
    found = check_statements([read_leaf(write_leaf(leaf), 0) for leaf in leaves], complete=complete)
    return [(verdict.thing, verdict.state) for verdict in found]


def test_steps_that_never_came_into_the_log_are_missed() -> None:
    assert told(step(1), step(1, "A-2"), step(2)) == [("questions for reasons", "whole")]
    assert told(step(1), step(3))[0] == ("question A-1", "missing")
    assert told(step(2))[0] == ("question A-1", "missing")
    assert told(step(1), step(3), complete=False)[0] == ("questions for reasons", "whole")
    assert told(step(1), step(1))[0] == ("question A-1", "strange")


def test_an_entry_that_numbers_no_step_is_refused() -> None:
    with pytest.raises(StoreError, match="entry 7 of the evidence log cannot be read"):
        read_leaf(write_leaf(step(1)).replace(b'"n":1', b'"n":-1'), 7)


def test_what_was_altered_or_lost_in_the_database_is_named(
    office: Office, haechi: Callable[..., tuple[int, str, str]]
) -> None:
    with office.desk() as desk:
        name = questions.ask(desk, office.plan(desk))
        send(desk)
        answer(desk, name, Answer("Ticket 4711", "desk"))
        assert compare(desk.store.snapshot().catalog, desk.database) == []
        given = sa.and_(db.event.c.ask == name, db.event.c.step == "answered")
        with desk.database.changing() as connection:
            connection.execute(
                db.event.update().where(given).values(said={"text": "Ticket 9", "via": "desk"})
            )
        (strange,) = compare(desk.store.snapshot().catalog, desk.database)
        assert (strange.ask, strange.told) == (name, "step 3 (answered) was altered in the database")
        with desk.database.changing() as connection:
            connection.execute(db.event.delete().where(given))
    code, out, _ = haechi("case", "asks", "-w", office.folder, "--json")
    assert code == 3
    assert json.loads(out)["strange"] == [
        {"ask": name, "told": "step 3 (answered) is in the evidence log and not in the database"}
    ]
