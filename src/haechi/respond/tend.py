"""Tend the questions: seal what is not sealed, remind, tell managers, send what waits, keep accepted answers.

Everything here may be run again at any time, by several at once, and after any crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from haechi.model.errors import HaechiError
from haechi.respond import database as db
from haechi.respond import outbox
from haechi.respond.clock import micros_of
from haechi.respond.desk import Desk
from haechi.respond.explain import keep
from haechi.respond.letters import Letter, write
from haechi.respond.links import Link, hash_of, token_of
from haechi.respond.machine import WAITING, Step
from haechi.respond.mail import Delivered, Server
from haechi.respond.questions import domain
from haechi.respond.seal import seal
from haechi.respond.steps import Row, take

_OF_ITSELF: Final = "haechi"  # who reminds and tells managers
_UNTOLD: Final = ("asked", "reminded", "reopened")


@dataclass(frozen=True)
class Due:
    """A message whose time has come. step: reminded or escalated; to: "" where nobody is known to be told."""

    ask: str
    step: Step
    to: str


@dataclass(frozen=True)
class Sent:
    """What became of one message."""

    ask: str
    kind: str
    to: str
    ended: Delivered


@dataclass(frozen=True)
class Tended:
    """sealed, kept: how many steps and answers were. problem: why answers could not be kept now."""

    due: list[Due] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    sealed: int = 0
    kept: int = 0
    problem: str = ""


def coming(desk: Desk) -> tuple[list[Due], list[Row]]:
    """What tending would do now: reminders and tellings that are due, and messages that are to be sent."""
    with desk.database.reading() as connection:
        return [due for row in _waiting(connection) if (due := _due(desk, connection, row))], list(
            outbox.due(connection, desk.now())
        )


def tend(desk: Desk) -> Tended:
    """Do all of it.

    Raises:
        StoreError: the evidence log or the database cannot be written.
        SettingsError: a secret is not where haechi.toml says.
    """
    sealed = seal(desk.store, desk.database)
    due = remind(desk)
    sent = send(desk)
    kept, problem = 0, ""
    try:
        kept = keep(desk)
    except HaechiError as error:
        # Another process may be collecting for hours. The answers wait; what was sent must be sealed all the same.
        problem = error.what
    return Tended(due, sent, sealed + seal(desk.store, desk.database), kept, problem)


def remind(desk: Desk) -> list[Due]:
    """Put reminders, and what managers are to be told, into the outbox. What could be told to nobody is among them."""
    done = []
    with desk.database.changing() as connection:
        for row in _waiting(connection):
            due = _due(desk, connection, row)
            if due is None:
                continue
            done.append(due)
            if due.to:
                _put(desk, connection, row, due)
    return done


def send(desk: Desk, only: str = "") -> list[Sent]:
    """Send what waits in the outbox (`only`: of this question), each message at most once at a time.

    Raises `SettingsError` for a secret that is not where haechi.toml says; what waits goes on waiting.
    """
    with desk.database.reading() as connection:
        found = [row for row in outbox.due(connection, desk.now()) if only in ("", row["ask"])]
    if not found:
        return []
    server = Server(desk.workspace.settings.mail, desk.workspace.root)
    ended = [sent for row in found if (sent := _send(desk, server, row))]
    seal(desk.store, desk.database)
    return ended


def _send(desk: Desk, server: Server, message: Row) -> Sent | None:
    if not outbox.claim(desk.database, message["id"], desk.holder, desk.now()):
        return None
    try:
        letter = _letter(desk, message)
        if letter is None:
            return None
        ended = server.deliver(
            write(letter, desk.today()), lambda: outbox.handing(desk.database, message["id"], desk.holder)
        )
    except HaechiError as error:
        outbox.settle(
            desk.database, message, desk.holder, Delivered("later", error.what), desk.by, desk.now()
        )
        raise
    if not outbox.settle(desk.database, message, desk.holder, ended, desk.by, desk.now()):
        return None
    return Sent(message["ask"], message["kind"], message["recipient"], ended)


def _letter(desk: Desk, message: Row) -> Letter | None:
    """The message's text, its link known from now on; None where it is not wanted any more: it was answered."""
    sent, event = db.message, db.event
    with desk.database.changing() as connection:
        ask = connection.execute(sa.select(db.ask).where(db.ask.c.id == message["ask"])).mappings().one()
        if ask["state"] not in WAITING:
            key = sa.and_(sent.c.id == message["id"], sent.c.holder == desk.holder)
            connection.execute(sent.update().where(key).values(state="dropped", holder="", until=0))
            return None
        step = connection.execute(
            sa.select(event).where(event.c.ask == ask["id"], event.c.n == message["n"])
        ).mappings().one()  # fmt: skip
        first = connection.execute(
            sa.select(sent.c.id).where(sent.c.ask == ask["id"], sent.c.role == message["role"]).order_by(sent.c.n)
        ).scalars().first()  # fmt: skip
        url, expires = _link(desk, connection, ask, message, step["at"])
    return Letter(
        id=message["id"],
        kind=message["kind"],
        recipient=message["recipient"],
        role=message["role"],
        sender=desk.workspace.settings.mail.sender,
        ask=ask,
        zone=desk.zone,
        why=str(step["said"].get("why", "")),
        url=url,
        expires=expires,
        answers=first or "",
    )


def _link(desk: Desk, connection: sa.Connection, ask: Row, message: Row, since: int) -> tuple[str, int]:
    """The address to answer at, and until when; "" where answers come by mail."""
    if ask["way"] != "link" or desk.store.signer is None or not desk.asking.url:
        return "", 0
    expires = since + micros_of(desk.asking.link_life)
    token = token_of(Link(ask["id"], message["id"], message["role"], expires), desk.store.signer)
    key = hash_of(token)
    if connection.execute(sa.select(db.link.c.hash).where(db.link.c.hash == key)).first() is None:
        values = {"hash": key, "ask": ask["id"], "message": message["id"], "role": message["role"]}
        connection.execute(db.link.insert().values(**values, expires=expires))
    return f"{desk.asking.url.rstrip('/')}/a/{token}", expires


def _waiting(connection: sa.Connection) -> Sequence[Row]:
    query = sa.select(db.ask).where(db.ask.c.state.in_(_UNTOLD)).order_by(db.ask.c.due, db.ask.c.id)
    return connection.execute(query).mappings().all()


def _due(desk: Desk, connection: sa.Connection, row: Row) -> Due | None:
    """What is due for a question: nobody is reminded of what never reached them."""
    now, settings = desk.now(), desk.asking
    late = now >= row["due"] + micros_of(settings.escalate)
    passed = _passed(desk, row, now)
    if not (late or passed > row["reminders"]) or not _delivered(connection, row["id"]):
        return None
    if late:
        to = row["manager"] or settings.escalate_to
        if to and to.casefold() != row["mail"].casefold():
            return Due(row["id"], "escalated", to)
        if passed <= row["reminders"]:
            return Due(row["id"], "escalated", "")
    return Due(row["id"], "reminded", row["mail"]) if passed > row["reminders"] else None


def _passed(desk: Desk, row: Row, now: int) -> int:
    """How many times to remind have passed: after a long silence one reminder stands for all of them."""
    return sum(now >= row["asked"] + micros_of(length) for length in desk.asking.remind)


def _delivered(connection: sa.Connection, ask: str) -> bool:
    """Whether the newest message has been sent."""
    query = sa.select(db.message.c.state).where(db.message.c.ask == ask).order_by(db.message.c.n.desc())
    return connection.execute(query.limit(1)).scalar() == "sent"


def _put(desk: Desk, connection: sa.Connection, row: Row, due: Due) -> None:
    now = desk.now()
    changes: dict[str, Any]
    if due.step == "escalated":
        changes, role = {"escalated": now}, "manager"
    else:
        changes, role = {"reminders": _passed(desk, row, now)}, row["role"]
    n = take(connection, row, due.step, _OF_ITSELF, {"to": due.to}, now, **changes)
    outbox.put(connection, row["id"], n, due.step, due.to, role, domain(desk), now)
