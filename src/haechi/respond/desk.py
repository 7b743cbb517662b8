"""The desk: a workspace's store and database, who sits at it, and what time it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from haechi.model.settings import AskingSettings
from haechi.respond import database as db
from haechi.respond.outbox import new_holder
from haechi.store.account import account
from haechi.store.of_workspace import open_store
from haechi.store.store import Store
from haechi.store.store import now as clock
from haechi.workspace.load import Workspace
from haechi.workspace.times import zone


@dataclass(frozen=True)
class Desk:
    """by: the account of this machine that sits here. now: microseconds since 1970 UTC."""

    workspace: Workspace
    store: Store
    database: db.Database
    by: str
    now: Callable[[], int] = clock
    holder: str = field(default_factory=new_holder)

    @property
    def asking(self) -> AskingSettings:
        return self.workspace.settings.asking

    @property
    def zone(self) -> tzinfo:
        return zone(self.workspace.settings.workspace.timezone) or UTC

    def today(self) -> datetime:
        """The time as Python tells it, UTC."""
        return datetime.fromtimestamp(self.now() / 1e6, UTC)


@contextmanager
def open_desk(workspace: Workspace, now: Callable[[], int] = clock, by: str = "") -> Iterator[Desk]:
    """Open store and database. Raises `StoreError` or `EvidenceError` where one cannot be used."""
    store = open_store(workspace)
    with db.opened(workspace) as database:
        yield Desk(workspace, store, database, by or account(), now)
