"""PostgreSQL: what NOLOGIN, VALID UNTIL and DROP ROLE leave alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.identity.probes.asking import Folder
from tests.servers.fixtures import postgresql  # noqa: F401
from tests.servers.postgres import Postgres

from haechi.identity.ask import Result
from haechi.identity.interface import Asking
from haechi.identity.probes.postgresql import address, connected
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

WORD = "word-of-the-leaver"


@contextmanager
def role(server: Postgres, name: str) -> Iterator[psycopg.Connection]:
    """A role that may log in, for one test; yields the owner's connection."""
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{WORD}'")
        try:
            yield owner
        finally:
            owner.execute(f"DROP ROLE IF EXISTS {name}")


def ask(folder: Folder, server: Postgres, kind: str, target: str, **more: str) -> Result:
    if not (folder.path / "monitor").exists():
        folder.secret("monitor", server.password)
    system = SystemSettings("db", "postgresql", server.address("owner"), "file:monitor")
    return folder.ask(ProbeSettings("p", "db", kind, target, **more), system)


def test_a_session_survives_nologin(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    with role(postgresql, "stays") as owner:
        assert ask(folder, postgresql, "postgresql-session", "stays").state == "dead"
        with psycopg.connect(postgresql.address("stays", WORD)) as session:
            owner.execute("ALTER ROLE stays NOLOGIN")
            login = ask(folder, postgresql, "postgresql-login", "stays")
            assert (login.state, login.control) == ("dead", "alive")
            open_still = ask(folder, postgresql, "postgresql-session", "stays")
            assert (open_still.state, open_still.control) == ("alive", "alive")
            assert "1 open session" in open_still.evidence
            assert session.execute("SELECT 1").fetchone() == (1,)
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stays'")
        assert ask(folder, postgresql, "postgresql-session", "stays").state == "dead"


def test_a_session_survives_the_role_itself(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    with (
        role(postgresql, "dropped") as owner,
        psycopg.connect(postgresql.address("dropped", WORD)) as session,
    ):
        owner.execute("DROP ROLE dropped")
        assert session.execute("SELECT 1").fetchone() == (1,)
        assert ask(folder, postgresql, "postgresql-login", "dropped").state == "dead"
        result = ask(folder, postgresql, "postgresql-session", "dropped")
    assert result.state == "unknown"
    assert "dropped roles" in result.evidence


def test_valid_until_ends_passwords_only(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    with role(postgresql, "expired") as owner:
        assert ask(folder, postgresql, "postgresql-login", "expired").state == "alive"
        owner.execute("ALTER ROLE expired VALID UNTIL '2020-01-01'")
        # The rules of this server ask for passwords only, and the owner may see them; the monitor may not.
        assert ask(folder, postgresql, "postgresql-login", "expired").state == "dead"
        owner.execute(f"CREATE ROLE monitor LOGIN PASSWORD '{WORD}'")
        try:
            folder.secret("word", WORD)
            system = SystemSettings("db", "postgresql", postgresql.address("monitor"), "file:word")
            result = folder.ask(ProbeSettings("p", "db", "postgresql-login", "expired"), system)
        finally:
            owner.execute("DROP ROLE monitor")
    assert result.state == "unknown"
    assert "other ways in may be open" in result.evidence


def test_a_password_is_tried_where_it_belongs(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    folder.secret("old", WORD)
    with role(postgresql, "tried") as owner:
        kind, old = "postgresql-password", "file:old"
        assert ask(folder, postgresql, kind, "tried", credential=old).state == "alive"
        owner.execute("ALTER ROLE tried PASSWORD 'another'")
        result = ask(folder, postgresql, kind, "tried", credential=old)
        assert (result.state, result.control) == ("dead", "alive")
        owner.execute(f"ALTER ROLE tried PASSWORD '{WORD}' NOLOGIN")
        assert ask(folder, postgresql, kind, "tried", credential=old).state == "dead"
    assert WORD not in result.evidence


def test_a_password_that_nobody_looked_at_is_unknown(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    """From here the server asks somebody else who it is; from elsewhere the password may be good."""
    old = folder.secret("old", WORD)
    with psycopg.connect(postgresql.url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE elsewhere LOGIN PASSWORD '{WORD}'")
        (named,) = owner.execute("SHOW hba_file").fetchone() or ("",)
        rules, before = Path(named), Path(named).read_text()
        rules.write_text(f"host all elsewhere 127.0.0.1/32 ident\n{before}")
        try:
            owner.execute("SELECT pg_reload_conf()")
            result = ask(folder, postgresql, "postgresql-password", "elsewhere", credential=old)
        finally:
            rules.write_text(before)
            owner.execute("SELECT pg_reload_conf()")
    assert (result.state, result.control) == ("unknown", "alive"), result.evidence


def test_a_control_that_is_dead_makes_it_unknown(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    result = ask(folder, postgresql, "postgresql-login", "nobody_here", control="nobody_else")
    assert (result.state, result.control) == ("unknown", "dead")


def test_a_wrong_password_of_ours_is_unknown(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    folder.secret("monitor", "wrong")
    for kind in ("postgresql-login", "postgresql-session"):
        assert ask(folder, postgresql, kind, "anybody").state == "unknown"


def test_nothing_can_be_written_on_the_way(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    system = SystemSettings("db", "postgresql", postgresql.address("owner"), "file:monitor")
    asking = Asking(lambda reference: postgresql.password.encode(), folder.path, 5, datetime.now(UTC))
    with pytest.raises(IdentityError, match="25006"), connected(system, asking) as query:
        query("CREATE TABLE made_by_a_probe ()", None)


def test_the_environment_leads_nowhere_else(
    folder: Folder,
    postgresql: Postgres,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "x", "PGPASSFILE": "/x"}.items():
        monkeypatch.setenv(name, value)
    assert ask(folder, postgresql, "postgresql-login", "owner").state == "alive"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://m@db.example/x",
        "postgresql://m:pw@127.0.0.1/x",
        "postgresql://m@127.0.0.1/x?host=192.0.2.1",
    ],
)
def test_a_password_goes_only_where_it_is_safe(folder: Folder, url: str) -> None:
    folder.secret("monitor", "pw-of-ours")
    system = SystemSettings("db", "postgresql", url, "file:monitor")
    result = folder.ask(ProbeSettings("p", "db", "postgresql-login", "kim"), system)
    assert result.state == "unknown"


@pytest.mark.parametrize(
    ("host", "options", "mode"),
    [
        ("127.0.0.1", {}, "prefer"),
        ("db.example", {}, "verify-full"),
        ("db.example", {"plain": "yes"}, "prefer"),
        ("127.0.0.1,db.example", {}, "verify-full"),
    ],
)
def test_over_a_network_the_server_must_prove_itself(host: str, options: dict[str, str], mode: str) -> None:
    system = SystemSettings("db", "postgresql", f"postgresql://m@{host}/x", "env:X", options=options)
    asking = Asking(lambda reference: b"pw", Path("/"), 5, datetime.now(UTC))
    assert conninfo_to_dict(address(system, asking, "", b""))["sslmode"] == mode


def test_any_role_sees_whose_sessions_are_open(folder: Folder, postgresql: Postgres) -> None:  # noqa: F811
    folder.secret("word", WORD)
    with role(postgresql, "plain"), role(postgresql, "connected"):
        system = SystemSettings("db", "postgresql", postgresql.address("plain"), "file:word")
        with psycopg.connect(postgresql.address("connected", WORD)):
            result = folder.ask(ProbeSettings("p", "db", "postgresql-session", "connected"), system)
    assert (result.state, result.control) == ("alive", "alive")
