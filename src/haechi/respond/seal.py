"""Seal the steps in the evidence log: each once, in their order, also after a crash between the two."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from haechi.model.errors import EvidenceError
from haechi.respond import database as db
from haechi.respond.steps import Row, seal_of
from haechi.store.catalog import Catalog
from haechi.store.leaves import AskLeaf
from haechi.store.store import Store, now


@dataclass(frozen=True)
class Strange:
    """A question of which the database and the evidence log say different things, and what."""

    ask: str
    told: str


def seal(store: Store, database: db.Database) -> int:
    """Put every step that is not yet there into the log. How many were.

    A step is in the database first. The log's own lock is held while it is looked up and added, so that two
    processes, or one that died in between, add it once.

    Raises:
        StoreError: the log cannot be added to; the steps wait in the database.
        EvidenceError: the log holds another step of that number.
    """
    with database.reading() as connection:
        waiting = _steps(connection, sealed=False)
    if not waiting:
        return 0
    added: list[AskLeaf] = []

    def missing(catalog: Catalog) -> list[AskLeaf]:
        added[:] = []
        at = now()
        for row in waiting:
            there = catalog.asks.get(row["ask"], {}).get(row["n"])
            if there is None:
                added.append(_leaf(row, at))
            elif there.sealed != _seal(row):
                raise EvidenceError(
                    f"the evidence log holds another step {row['n']} of {row['ask']} than the database of questions",
                    kept="nothing was changed",
                    todo="the database was altered, or put back from an old copy: compare it with a backup",
                )
        return added

    store.decide(missing)
    with database.changing() as connection:
        for row in waiting:
            key = sa.and_(db.event.c.ask == row["ask"], db.event.c.n == row["n"])
            connection.execute(db.event.update().where(key).values(sealed=True))
    return len(added)


def compare(catalog: Catalog, database: db.Database) -> list[Strange]:
    """Where the database does not say what the log has sealed: nothing may have been lost or altered in it."""
    with database.reading() as connection:
        rows = {(row["ask"], row["n"]): row for row in _steps(connection)}
    found = []
    for ask, steps in catalog.asks.items():
        for n, leaf in steps.items():
            row = rows.get((ask, n))
            if row is None:
                found.append(
                    Strange(ask, f"step {n} ({leaf.step}) is in the evidence log and not in the database")
                )
            elif leaf.sealed != _seal(row):
                found.append(Strange(ask, f"step {n} ({leaf.step}) was altered in the database"))
    for (ask, n), row in rows.items():
        if row["sealed"] and n not in catalog.asks.get(ask, {}):
            found.append(Strange(ask, f"step {n} ({row['step']}) is not in the evidence log"))
    return found


def _steps(connection: sa.Connection, sealed: bool | None = None) -> list[Row]:
    query = sa.select(db.event, db.ask.c.case_id).join(db.ask, db.ask.c.id == db.event.c.ask)
    if sealed is not None:
        query = query.where(db.event.c.sealed == sealed)
    return list(connection.execute(query.order_by(db.event.c.ask, db.event.c.n)).mappings())


def _seal(row: Row) -> str:
    return seal_of(row["ask"], row["n"], row["step"], row["at"], row["by"], row["said"], row["salt"])


def _leaf(row: Row, at: int) -> AskLeaf:
    return AskLeaf(
        at, row["by"], row["ask"], row["n"], row["at"], row["step"], row["case_id"], row["due"], _seal(row)
    )
