"""The outbox: what is to be sent, by whom it is being sent, and what is known of it after a crash.

waiting ─► sending ─► handing ─► sent
   ▲          │          │  └──► refused: the server will never take it
   └──────────┴──────────┘       dropped: no longer wanted

`sending` is certainly not sent: until then nothing was handed over. A process that dies in `handing` leaves it unknown
whether the server has the message: it is sent again under the same Message-ID, by which a server or a reader tells
that it is the same one. A process holds a message until a time; beyond it, it is taken for dead.
"""

from __future__ import annotations

import os
import secrets
import socket
from typing import Any, Final

import sqlalchemy as sa

from haechi.respond import database as db
from haechi.respond.mail import LONGEST, Delivered
from haechi.respond.steps import Row, note

SECOND: Final = 1_000_000
LEASE: Final = int(LONGEST + 60) * SECOND
WANTED: Final = ("waiting", "sending", "handing")
_MINUTE: Final = 60 * SECOND
_PAUSES: Final = (1, 5, 15, 60, 240, 720, 1440)  # minutes before it is tried again


def new_holder() -> str:
    """A name for this run, to tell its own claims by."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(6)}"


def put(
    connection: sa.Connection, ask: str, n: int, kind: str, recipient: str, role: str, domain: str, now: int
) -> str:
    """Put a message about an event into the outbox; its Message-ID. To be called with the event's transaction."""
    name = f"{ask}.{n}.{secrets.token_hex(16)}@{domain}".lower()
    connection.execute(
        db.message.insert().values(
            id=name, ask=ask, n=n, kind=kind, recipient=recipient, role=role, state="waiting", attempts=0,
            next=now, holder="", until=0, problem="",
        )
    )  # fmt: skip
    return name


def drop(connection: sa.Connection, ask: str) -> None:
    """What has not begun to be sent for a question is not wanted any more."""
    key = sa.and_(db.message.c.ask == ask, db.message.c.state == "waiting")
    connection.execute(db.message.update().where(key).values(state="dropped"))


def due(connection: sa.Connection, now: int) -> list[Row]:
    """What is to be sent now, the oldest first; what a dead process held is again among it."""
    query = sa.select(db.message).where(_free(now)).order_by(db.message.c.next, db.message.c.id)
    return list(connection.execute(query).mappings())


def unsent(connection: sa.Connection, ask: str) -> bool:
    """Whether a message of that question is still to be sent."""
    query = sa.select(db.message.c.id).where(db.message.c.ask == ask, db.message.c.state.in_(WANTED))
    return connection.execute(query).first() is not None


def claim(database: db.Database, message: str, holder: str, now: int) -> bool:
    """Take a message to send it. False where another process has it, or it is not wanted any more."""
    values = {"holder": holder, "until": now + LEASE, "attempts": db.message.c.attempts + 1}
    with database.changing() as connection:
        # What died in `handing` stays marked so: it may have been sent, and it is not dropped.
        state = sa.case((db.message.c.state == "handing", "handing"), else_="sending")
        return _one(connection, message, _free(now), state=state, **values)


def handing(database: db.Database, message: str, holder: str) -> bool:
    """From here on the server may have it. False where another process has taken it over meanwhile."""
    with database.changing() as connection:
        held = sa.and_(db.message.c.holder == holder, db.message.c.state.in_(("sending", "handing")))
        return _one(connection, message, held, state="handing")


def settle(database: db.Database, message: Row, holder: str, ended: Delivered, by: str, now: int) -> bool:
    """Write down how it ended. False where another process has taken it over: that one will."""
    pause = _PAUSES[min(message["attempts"], len(_PAUSES) - 1)] * _MINUTE
    values: dict[str, Any] = {"holder": "", "until": 0, "problem": ended.told}
    values |= {"state": "waiting", "next": now + pause} if ended.how == "later" else {"state": ended.how}
    with database.changing() as connection:
        if not _one(connection, message["id"], db.message.c.holder == holder, **values):
            return False
        if ended.how != "later":
            said = {
                "message": message["id"],
                "kind": message["kind"],
                "to": message["recipient"],
                "told": ended.told,
            }
            note(connection, message["ask"], ended.how, said, by, now)
    return True


def _free(now: int) -> sa.ColumnElement[bool]:
    sent = db.message.c
    return sa.or_(
        sa.and_(sent.state == "waiting", sent.next <= now),
        sa.and_(sent.state.in_(("sending", "handing")), sent.until < now),
    )


def _one(connection: sa.Connection, message: str, where: sa.ColumnElement[bool], **values: Any) -> bool:
    changed = connection.execute(
        db.message.update().where(db.message.c.id == message, where).values(**values)
    )
    return changed.rowcount == 1
