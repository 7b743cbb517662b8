"""The database: made once, by whoever comes first; SQLite or PostgreSQL; and told in words where it cannot be used."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.respond import world
from tests.respond.conftest import Office
from tests.servers.fixtures import postgresql as postgresql
from tests.servers.postgres import Postgres

from haechi.model.errors import AskError, StoreError
from haechi.respond import database as db
from haechi.respond import questions
from haechi.respond.decisions import Answer, accept, answer
from haechi.respond.items import items, open_items
from haechi.respond.seal import compare
from haechi.respond.tend import tend
from haechi.workspace.load import load


def test_nothing_is_made_by_looking(office: Office) -> None:
    assert open_items(office.workspace, "2026-10") == [] == items(office.workspace)
    assert not (office.folder / "haechi.db").exists()


def test_it_is_its_owner_s_alone(office: Office) -> None:
    with office.desk():
        assert stat.S_IMODE((office.folder / "haechi.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("count", [8])
def test_many_begin_it_at_once(tmp_path: Path, count: int) -> None:
    world.make(tmp_path)
    workspace, errors = load(tmp_path), []

    def begin() -> None:
        try:
            with db.opened(workspace) as database, database.changing() as connection:
                connection.execute(sa.select(db.ask)).all()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=begin) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.mark.parametrize("content", [b"this is no database at all, whatever it is called" * 30])
def test_a_damaged_one_is_said(tmp_path: Path, content: bytes) -> None:
    world.make(tmp_path)
    (tmp_path / "haechi.db").write_bytes(content)
    with (
        pytest.raises(StoreError, match="the database of questions cannot be used"),
        db.opened(load(tmp_path)),
    ):
        pytest.fail("opened")


def test_one_of_a_newer_version_is_left_alone(office: Office) -> None:
    with office.desk():
        pass
    with sqlite3.connect(office.folder / "haechi.db") as connection:
        connection.execute("UPDATE haechi_version SET version = 99")
    with pytest.raises(StoreError, match="newer version"), office.desk():
        pytest.fail("opened")


def test_months_are_those_of_the_workspace(office: Office) -> None:
    with office.desk() as desk:
        questions.ask(desk, office.plan(desk))  # 5 October 2026, 10:00, to 9 October in Seoul
        found = {
            month: len(open_items(office.workspace, month)) for month in ("2026-09", "2026-10", "2026-11", "")
        }
        assert found == {"2026-09": 0, "2026-10": 1, "2026-11": 0, "": 1}
        with pytest.raises(AskError, match="is no month"):
            open_items(office.workspace, "October")


def test_a_team_shares_one_on_postgresql(
    office: Office, postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    office.settle(more=f'database = "{postgresql.address("owner")}"')
    with office.desk() as desk:
        planned = office.plan(desk)
        told: list[str] = []

        def ask() -> None:
            with office.desk() as own:
                try:
                    told.append(questions.ask(own, planned))
                except AskError as error:
                    told.append(error.what)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (name,) = (one for one in told if one.startswith("A-") and " " not in one)
        assert [one.ended.how for one in tend(desk).sent] == ["sent"]
        answer(desk, name, Answer("Ticket 4711", "desk"))
        accept(desk, name)
        assert tend(desk).kept == 1
        assert compare(desk.store.snapshot().catalog, desk.database) == []
    assert [item.state for item in items(office.workspace, "2026-10")] == ["accepted"]
    assert not (office.folder / "haechi.db").exists() and len(office.box.messages) == 1


def test_one_that_is_not_there_is_said_without_a_password(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    office.settle(more='database = "postgresql://haechi@127.0.0.1:1/haechi"')
    with pytest.raises(StoreError) as raised, office.desk():
        pytest.fail("opened")
    assert "cannot be used" in raised.value.what and "s3cret" not in raised.value.diagnostics()
