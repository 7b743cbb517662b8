"""Systems are asked side by side; one that fails says so and stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from haechi.identity import gather as work
from haechi.identity.gather import gather
from haechi.identity.interface import Asking, Fact
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings
from haechi.store.of_workspace import open_store
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace, load

SECRET = b"hunter2-of-the-vault"


class Telling:
    """Says one account, and that this was all."""

    kind, options = "ssh", frozenset[str]()

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        yield Fact(asking.now, "account", system.name, "alive", "listed", account="kim")
        yield Fact(asking.now, "listing", system.name, "alive", "all of them", object="account")


class Refusing(Telling):
    """Breaks off behind its first account."""

    kind = "ldap"

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        yield Fact(asking.now, "account", system.name, "alive", "listed", account="lee")
        raise IdentityError("it refused to go on", where=system.url)


class Broken(Telling):
    """Holds a bug, and its error repeats a secret."""

    kind = "scim"

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        raise KeyError(asking.secret(system.credential).decode())


TOML = """
[[system]]
name = "hosts"
kind = "ssh"

[[system]]
name = "directory"
kind = "ldap"
url = "ldaps://directory.example"

[[system]]
name = "staff"
kind = "scim"
url = "https://staff.example"
credential = "file:secret"

[[system]]
name = "gate"
kind = "gateway"
url = "https://gate.example"
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(work, "SOURCES", {each.kind: each() for each in (Telling, Refusing, Broken)})
    (tmp_path / "haechi.toml").write_text(TOML)
    (tmp_path / "secret").write_bytes(SECRET)
    return load(tmp_path)


def accounts(workspace: Workspace) -> list[tuple[object, ...]]:
    engine = open_engine(open_store(workspace).snapshot(), workspace.settings.store)
    try:
        return engine.rows("SELECT system, account FROM fact WHERE kind = 'account'")
    finally:
        engine.close()


def test_one_failing_system_stops_nobody_and_leaves_no_half_list(workspace: Workspace) -> None:
    hosts, directory, staff = gather(workspace)
    assert (hosts.facts, hosts.listed, hosts.problem) == (2, ["account"], "")
    assert (directory.facts, directory.problem) == (0, "it refused to go on (ldaps://directory.example)")
    assert staff.facts == 0 and "KeyError" in staff.problem
    assert accounts(workspace) == [("hosts", "kim")]


def test_no_problem_repeats_a_secret(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    told = repr(gather(workspace)) + caplog.text
    assert SECRET.decode() not in told


def test_only_the_systems_named(workspace: Workspace) -> None:
    assert [found.system for found in gather(workspace, ["hosts"])] == ["hosts"]


def test_a_system_that_is_none_is_named(workspace: Workspace) -> None:
    with pytest.raises(IdentityError, match='there is no system "host"'):
        gather(workspace, ["host"])


def test_a_system_that_cannot_list_is_told(workspace: Workspace) -> None:
    with pytest.raises(IdentityError, match="no system was named that can list"):
        gather(workspace, ["gate"])
