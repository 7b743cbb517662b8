"""A collected workspace and a mail server for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.respond import world
from tests.respond.mailbox import Mailbox, serving

from haechi.cli.main import run
from haechi.report.workspaces import open_workspace
from haechi.respond.desk import Desk, open_desk
from haechi.respond.questions import Plan, Wish, plan
from haechi.store.open import open_engine
from haechi.workspace.load import Workspace

PRIVACY = "ahn (uid 4001)"


class Office:
    """The workspace of a test, its mail server, and its clock."""

    def __init__(self, folder: Path, box: Mailbox) -> None:
        self.folder, self.box, self.now = folder, box, 0

    @property
    def workspace(self) -> Workspace:
        found = open_workspace(self.folder)
        assert found is not None
        return found

    def settle(self, port: int | None = None, url: str = "", more: str = "") -> None:
        world.settle(self.folder, self.box.port if port is None else port, url, more)

    def desk(self, by: str = PRIVACY) -> AbstractContextManager[Desk]:
        """Who sits at the desk. Time stands still until the test moves it."""
        from haechi.store.store import now

        self.now = self.now or now()
        return open_desk(self.workspace, lambda: self.now, by)

    def plan(self, desk: Desk, **wish: Any) -> Plan:
        """Ask about all accesses, as if they were one case."""
        wish = {"case": "C-aaaaaa", "account": "bora"} | wish
        wish = wish | ({"account": ""} if "person" in wish else {})
        engine = open_engine(desk.store.snapshot(), self.workspace.settings.store)
        try:
            return plan(desk, engine, engine.arrow("SELECT source, seq FROM access"), Wish(**wish))
        finally:
            engine.close()


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office") / "office"
    world.make(folder)
    assert run(["collect", "--workspace", str(folder)]) == 0
    return folder


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with serving() as mailbox:
        yield mailbox


@pytest.fixture
def office(collected: Path, tmp_path: Path, box: Mailbox) -> Office:
    folder = tmp_path / "office"
    shutil.copytree(collected, folder)
    made = Office(folder, box)
    made.settle()
    return made


@pytest.fixture
def haechi(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
