"""Custody: the watcher is watched. Who looks at personal data through Haechi stands in the log before it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from haechi.store.account import account
from haechi.store.leaves import CustodyLeaf, Told, read_leaf
from haechi.store.store import Store, now


@dataclass(frozen=True)
class Look:
    """What somebody is about to be shown.

    verb: as typed, "case show"
    what: what was asked for. Never a person's id: a log entry cannot be taken back
    """

    verb: str
    what: dict[str, Told] = field(default_factory=dict)


def record(store: Store, look: Look) -> None:
    """Put a look into the log. Raises `StoreError` where that cannot be done: then nothing may be shown."""
    store.note([CustodyLeaf(now(), account(), look.verb, dict(look.what))])


def entries(store: Store) -> list[CustodyLeaf]:
    """All looks so far, the first one first."""
    log = store.log().open()
    leaves = (read_leaf(data, index) for index, data in enumerate(log.entries()))
    return [leaf for leaf in leaves if isinstance(leaf, CustodyLeaf)]
