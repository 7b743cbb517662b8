"""Answers, and what is decided on them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

import sqlalchemy as sa

from haechi.model.errors import AskError, InputError
from haechi.respond import database as db
from haechi.respond import outbox
from haechi.respond.clock import micros_of
from haechi.respond.desk import Desk
from haechi.respond.questions import domain
from haechi.respond.seal import seal
from haechi.respond.steps import Row, newest, row_of, take
from haechi.respond.whom import asker_names, check_other
from haechi.workspace.check_asking import is_address

LONGEST: Final = 4_000  # letters of an answer
SHORTEST: Final = 3


@dataclass(frozen=True)
class Answer:
    """via: desk (typed in here), mail, link. role: who answers. proof: what it was read from."""

    text: str
    via: str
    role: str = "self"
    proof: Mapping[str, str] | None = None


def answer(desk: Desk, ask: str, given: Answer) -> Row:
    """Keep an answer and seal it. Raises as `record`, and `StoreError` where it was kept and could not be sealed."""
    row = record(desk, ask, given)
    seal(desk.store, desk.database)
    return row


def record(desk: Desk, ask: str, given: Answer, by: str = "", link: str = "") -> Row:
    """Keep an answer; links and messages of the question are void from then on.

    `by`: who it is written down for, where it is not who sits here. `link`: the hash of the link that is used up.

    Raises:
        AskError: there is no such question, it is answered already, the link was used, or the text is too short or
            too long.
    """
    text = given.text.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise AskError(f"an answer has {SHORTEST} to {LONGEST:,} letters", kept="nothing was changed")
    now = desk.now()
    with desk.database.changing() as connection:
        row = row_of(connection, ask)
        said = {"text": text, "via": given.via, "role": given.role, **(given.proof or {})}
        if link and not _use(connection, link, now):
            raise AskError("the link was used already, or has expired", kept="nothing was changed")
        take(connection, row, "answered", by or desk.by, said, now)
        _void(connection, row["id"], now)
    return row


def accept(desk: Desk, ask: str, why: str = "") -> Row:
    """The answer is a reason: the accesses in question are explained from now on (`haechi.respond.explain.keep`)."""
    now = desk.now()
    with desk.database.changing() as connection:
        row = _decided(desk, connection, ask, "accepts")
        n = take(connection, row, "accepted", desk.by, {"why": why}, now)
        connection.execute(
            db.reason.insert().values(ask=row["id"], n=n, kept=False, withdrawn=False, withdrawal_kept=False)
        )
    seal(desk.store, desk.database)
    return row


def reject(desk: Desk, ask: str, why: str) -> Row:
    """The answer is no reason: the accesses stay in question. Raises `AskError` without a word why."""
    _needed(why)
    now = desk.now()
    with desk.database.changing() as connection:
        row = _decided(desk, connection, ask, "rejects")
        take(connection, row, "rejected", desk.by, {"why": why}, now)
    seal(desk.store, desk.database)
    return row


def reopen(desk: Desk, ask: str, why: str, to: str = "", due: str = "") -> Row:
    """Ask again, with a new message and new times; what was accepted no longer counts.

    `to`: another address, where the first was wrong.
    """
    _needed(why)
    if to and not is_address(to):
        raise AskError("that is no mail address", kept="nothing was changed")
    now = desk.now()
    with desk.database.changing() as connection:
        row = _decided(desk, connection, ask, "asks", {to} if to else set())
        times = {"asked": now, "due": now + micros_of(due or desk.asking.due)}
        mail = to or row["mail"]
        said = {"why": why, "mail": mail, "due": times["due"]}
        changes = {**times, "mail": mail, "reminders": 0, "escalated": None, "asked_by": desk.by}
        _void(connection, row["id"], now)
        n = take(connection, row, "reopened", desk.by, said, now, **changes)
        outbox.put(connection, row["id"], n, "reopened", mail, row["role"], domain(desk), now)
        key = sa.and_(db.reason.c.ask == row["id"], sa.not_(db.reason.c.withdrawn))
        connection.execute(db.reason.update().where(key).values(withdrawn=True))
    seal(desk.store, desk.database)
    return row


def readers_of(connection: sa.Connection, ask: str) -> dict[str, str]:
    """The addresses to which messages of a question went or are to go, and each one's role."""
    query = sa.select(db.message.c.recipient, db.message.c.role).where(db.message.c.ask == ask)
    return {row.recipient.casefold(): row.role for row in connection.execute(query.order_by(db.message.c.n))}


def read_mail(data: bytes, ask: str, readers: Mapping[str, str], where: str) -> Answer:
    """The answer in a message that came (RFC 5322), without the lines that it quotes. `readers`: as `readers_of`.

    Whether it belongs to the question is told by the ids that it answers, or by its subject; whether it comes from
    whom was asked, by its sender's address, which a mail server may or may not have checked.

    Raises:
        InputError: it is no message, has no text, or belongs to another question, or to none.
    """
    message = message_from_bytes(data, policy=default)
    if not isinstance(message, EmailMessage) or not message.get("From"):
        raise InputError("this is no mail message", where=where)
    threads = f"{message.get('In-Reply-To', '')} {message.get('References', '')}".casefold()
    subject = message.get("Subject", "").casefold()
    if f"<{ask.casefold()}." not in threads and f"[{ask.casefold()}]" not in subject:
        raise InputError(f"this message does not answer {ask}", where=where)
    senders = [address.addr_spec.casefold() for address in message["From"].addresses]
    sender = senders[0] if len(senders) == 1 else ""
    if sender not in readers:
        raise InputError(f"this message does not come from whom {ask} asks", where=where)
    body = message.get_body(("plain",))
    try:
        text = body.get_content() if body else ""
    except (LookupError, ValueError):
        text = ""
    told = _own_words(text)
    if not told:
        raise InputError("this message holds no answer in plain text", where=where)
    proof = {"file": hashlib.sha256(data).hexdigest(), "from": sender}
    return Answer(told[:LONGEST], "mail", readers[sender], proof)


def answer_of(connection: sa.Connection, ask: str) -> Row | None:
    """The newest answer's event."""
    return newest(connection, ask, "answered")


def _own_words(text: str) -> str:
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not line.lstrip().startswith(">")]
    return "\n".join(lines).strip()


def _decided(
    desk: Desk, connection: sa.Connection, ask: str, verb: str, further: set[str] | None = None
) -> Row:
    """The question, if who sits here may decide on it: nobody on what they were asked themselves."""
    row = row_of(connection, ask)
    asked = {*row["names"], row["mail"], *(further or ())}
    given = answer_of(connection, row["id"])
    if given is not None:
        asked.add(given["said"].get("from", ""))  # a manager who answered, or who stands in for one
    check_other(asker_names(desk.by), asked, verb)
    return row


def _needed(why: str) -> None:
    if not why.strip():
        raise AskError("say why", kept="nothing was changed", todo="--reason TEXT")


def _use(connection: sa.Connection, link: str, now: int) -> bool:
    """Use a link up; False where somebody was faster."""
    key = sa.and_(db.link.c.hash == link, db.link.c.used.is_(None), db.link.c.expires > now)
    return connection.execute(db.link.update().where(key).values(used=now)).rowcount == 1


def _void(connection: sa.Connection, ask: str, now: int) -> None:
    key = sa.and_(db.link.c.ask == ask, db.link.c.used.is_(None))
    connection.execute(db.link.update().where(key).values(used=now))
    outbox.drop(connection, ask)
