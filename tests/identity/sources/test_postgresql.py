"""What a real PostgreSQL tells of roles, rights and sessions."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.identity.sources.asking import asking, gather, listed, of, states
from tests.servers.fixtures import postgresql  # noqa: F401
from tests.servers.postgres import Postgres as Server

from haechi.identity.interface import Fact
from haechi.identity.sources.postgresql import PostgreSql
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

SETUP = """
CREATE ROLE inspector LOGIN PASSWORD 'looks';
GRANT pg_read_all_stats TO inspector;
CREATE ROLE staff NOLOGIN;
CREATE ROLE readers NOLOGIN NOINHERIT;
GRANT readers TO staff;
CREATE ROLE kim LOGIN PASSWORD 'kim-not-secret' NOINHERIT;
COMMENT ON ROLE kim IS 'E-7';
GRANT staff TO kim;
CREATE ROLE old LOGIN PASSWORD 'x' VALID UNTIL '2020-01-01';
CREATE ROLE always LOGIN PASSWORD 'x' VALID UNTIL 'infinity';
CREATE ROLE clerk LOGIN CREATEROLE PASSWORD 'x';
CREATE TABLE members (name text, door_code text);
CREATE TABLE "odd.Members" (name text);
CREATE TABLE memberz (name text);
GRANT SELECT ON members TO readers;
GRANT SELECT (name), UPDATE (name) ON members TO clerk;
GRANT SELECT ON memberz TO clerk;
"""


@pytest.fixture(scope="module")
def server(postgresql: Server) -> Iterator[Server]:  # noqa: F811
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute(SETUP.encode())
    yield postgresql


def _facts(
    server: Server, folder: Path, user: str = "inspector", password: str = "looks", **options: str
) -> list[Fact]:
    system = SystemSettings(
        name="db", kind="postgresql", url=server.address(user), credential="env:PASSWORD", options=options
    )
    return gather(PostgreSql(), system, asking(folder, {"PASSWORD": password}))


def test_roles(server: Server, tmp_path: Path) -> None:
    facts = _facts(server, tmp_path, person="comment")
    found = {account: state for (account, _, _), state in states(facts, "account").items()}
    assert found == {
        "always": "alive", "clerk": "alive", "inspector": "alive", "kim": "alive", "old": "unknown",
        "owner": "alive", "readers": "dead", "staff": "dead",
    }  # fmt: skip
    persons = {fact.account: fact.person for fact in of(facts, "account")}
    assert persons["kim"] == "E-7" and persons["clerk"] == ""
    assert listed(facts) == {"account", "grant", "session"}


def test_rights(server: Server, tmp_path: Path) -> None:
    facts = _facts(server, tmp_path, tables="members nothing.*")
    rights = {(fact.account, fact.object) for fact in of(facts, "grant")}
    assert {right for who, right in rights if who == "kim"} == {
        "role/staff",
        "role/readers",
        "read/public.members",
    }
    assert {right for who, right in rights if who == "clerk"} == {
        "attribute/createrole", "read/public.members", "write/public.members"
    }  # fmt: skip
    assert ("owner", "attribute/superuser") in rights and ("owner", "write/public.members") in rights
    assert ("inspector", "read/public.members") not in rights
    assert not any("memberz" in right for _, right in rights)


def test_a_session_outlives_its_role_s_login(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(server.address("kim", "kim-not-secret")) as theirs:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE kim NOLOGIN")
        try:
            facts = _facts(server, tmp_path)
        finally:
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute("ALTER ROLE kim LOGIN")
        assert states(facts, "account")["kim", "", ""] == "dead"
        (session,) = [fact for fact in of(facts, "session") if fact.account == "kim"]
        assert session.state == "alive" and session.first is not None
        assert session.object.startswith(f"{theirs.info.backend_pid}@") and "127.0.0.1" in session.evidence
    assert not [fact for fact in of(_facts(server, tmp_path), "session") if fact.account == "kim"]


def test_the_asker_changes_nothing(server: Server, tmp_path: Path) -> None:
    from haechi.identity.sources.making import Maker
    from haechi.identity.sources.postgresql import _Catalogs

    system = SystemSettings(
        name="db", kind="postgresql", url=server.address("owner"), credential="env:PASSWORD"
    )
    asked = asking(tmp_path, {"PASSWORD": server.password})
    with (
        _Catalogs(system, asked, Maker(system, asked)) as catalogs,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        catalogs._connection.execute("CREATE TABLE made (x int)")


def test_a_wrong_password_is_not_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="refuses the asking role") as caught:
        _facts(server, tmp_path, password="hunter2")
    assert "hunter2" not in caught.value.diagnostics()


def test_hidden_sessions_are_no_missing_sessions(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(server.url) as _, pytest.raises(IdentityError, match="hides the sessions"):
        _facts(server, tmp_path, user="clerk", password="x")


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://kim@127.0.0.1:{silent.getsockname()[1]}/shop"
        system = SystemSettings(name="db", kind="postgresql", url=url)
        with pytest.raises(IdentityError, match="no answer"):
            gather(PostgreSql(), system, asking(tmp_path, wait=1))
