"""Steps of a question: each changes the row of the question and adds one event, in one transaction."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from haechi.evidence import jcs
from haechi.model.errors import AskError
from haechi.respond import database as db
from haechi.respond.machine import WAITING, Note, Step, after

Row = sa.RowMapping


def row_of(connection: sa.Connection, ask: str) -> Row:
    """The question of that id, in whatever case it is typed. Raises `AskError` where there is none."""
    found = (
        connection.execute(sa.select(db.ask).where(sa.func.lower(db.ask.c.id) == ask.lower()))
        .mappings()
        .first()
    )
    if found is None:
        raise AskError("there is no such question", todo="haechi case asks lists them")
    return found


def take(
    connection: sa.Connection, ask: Row, step: Step, by: str, said: Mapping[str, Any], at: int, **changes: Any
) -> int:
    """Take a step from where the question stands; the number of its event.

    `changes` are further columns of the question. Raises `AskError` where the step cannot be taken.
    """
    state = after(ask["id"], ask["state"], step)
    due = changes.get("due", ask["due"]) if state in WAITING else None
    return _add(connection, ask["id"], step, by, said, at, due, {"state": state, **changes})


def note(connection: sa.Connection, ask: str, what: Note, said: Mapping[str, Any], by: str, at: int) -> int:
    """Note what became of a message. The state stays."""
    return _add(connection, ask, what, by, said, at, None, {})


def begin(connection: sa.Connection, values: Mapping[str, Any], by: str, said: Mapping[str, Any]) -> int:
    """A new question, with its first event."""
    connection.execute(db.ask.insert().values(**values, state="asked", n=0, reminders=0))
    return _add(connection, values["id"], "asked", by, said, values["asked"], values["due"], {})


def newest(connection: sa.Connection, ask: str, step: Step) -> Row | None:
    """The last event of that kind."""
    query = sa.select(db.event).where(db.event.c.ask == ask, db.event.c.step == step)
    return connection.execute(query.order_by(db.event.c.n.desc()).limit(1)).mappings().first()


def seal_of(ask: str, n: int, step: str, at: int, by: str, said: Mapping[str, Any], salt: str) -> str:
    """What the evidence log keeps of an event: SHA-256 of all of it in RFC 8785 form, hex."""
    told = {"ask": ask, "n": n, "step": step, "when": at, "by": by, "said": said, "salt": salt}
    return hashlib.sha256(jcs.canonical(told)).hexdigest()


def _add(
    connection: sa.Connection,
    ask: str,
    step: str,
    by: str,
    said: Mapping[str, Any],
    at: int,
    due: int | None,
    changes: Mapping[str, Any],
) -> int:
    number = db.ask.c.n + 1
    n = connection.execute(
        db.ask.update().where(db.ask.c.id == ask).values(n=number, **changes).returning(db.ask.c.n)
    ).scalar_one()
    connection.execute(
        db.event.insert().values(
            ask=ask,
            n=n,
            step=step,
            at=at,
            by=by,
            due=due,
            said=said,
            salt=secrets.token_hex(16),
            sealed=False,
        )
    )
    return int(n)
