"""Ask for reasons: whom, about which accesses, by when. Planned first, so that it can be shown before it is done."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from haechi.model.errors import AskError, UsageError
from haechi.respond import database as db
from haechi.respond import outbox, places
from haechi.respond.accesses import InQuestion, in_question
from haechi.respond.clock import micros_of
from haechi.respond.desk import Desk
from haechi.respond.seal import seal
from haechi.respond.steps import begin
from haechi.respond.whom import Directory, Whom, asker_names, check_other, find
from haechi.store.interface import Engine
from haechi.workspace.check_asking import is_address


@dataclass(frozen=True)
class Wish:
    """What somebody wants to ask. One of `person` and `account` is given; "" elsewhere: as the settings say.

    to: mail address; manager: ask the manager instead; due: a length of time; way: link or mail
    """

    case: str
    person: str = ""
    account: str = ""
    to: str = ""
    manager: bool = False
    due: str = ""
    way: str = ""


@dataclass(frozen=True)
class Plan:
    """A question that can be asked. `before`: questions that were about others of these accesses already."""

    wish: Wish
    whom: Whom
    mail: str
    way: str
    due: int
    what: InQuestion
    before: tuple[str, ...]

    def values(self, desk: Desk, name: str, now: int) -> dict[str, Any]:
        """The row of the question."""
        manager = "" if self.wish.manager else self.whom.manager
        return {
            "id": name,
            "case_id": self.wish.case,
            "whom": self.whom.said,
            "names": sorted(self.whom.names),
            "mail": self.mail,
            "role": "manager" if self.wish.manager else "self",
            # A manager who asks is not told to answer.
            "manager": "" if _same(manager, desk.by) else manager,
            "way": self.way,
            "language": desk.asking.language,
            "asked_by": desk.by,
            "asked": now,
            "due": self.due,
            "requests": self.what.requests,
            "persons": self.what.persons,
            "first": self.what.first,
            "last": self.what.last,
            "places": self.what.places,
            "shown": msgspec.to_builtins(self.what.shown),
        }


def plan(desk: Desk, engine: Engine, requests: pa.Table, wish: Wish) -> Plan:
    """What would be asked. `requests`: the accesses of the case (source, seq), of the engine's store.

    Raises:
        AskError: the person is not known, has no address, asks themself, or was asked about all of it before.
        InputError: the directory of mail addresses cannot be read.
    """
    whom = find(engine, Directory.of(desk.workspace), wish.person, wish.account)
    check_other(asker_names(desk.by), whom.names, "asks")
    settings = desk.asking
    before = _asked_before(desk)
    what = in_question(engine, requests, whom.accounts, places.unpack(before.values()), settings.rows)
    overlapping = tuple(sorted(before))
    if what is None:
        found = in_question(engine, requests, whom.accounts, places.SCHEMA.empty_table(), 1)
        if found is None:
            raise AskError(
                "no access of this case was made by them", kept="nothing was sent", todo=_who_can_be(engine)
            )
        named = ", ".join(name for name, packed in before.items() if places.overlap(found.places, packed))
        raise AskError(
            f"they were asked about all of it before: {named}",
            kept="nothing was sent",
            todo="haechi case asks shows what became of it; haechi case reopen asks again",
        )
    mail = _address(wish, whom)  # last: whoever cannot be asked at all needs none
    check_other(asker_names(desk.by), {mail}, "asks")
    return Plan(
        wish,
        whom,
        mail,
        _way(desk, wish),
        desk.now() + micros_of(wish.due or settings.due),
        what,
        overlapping,
    )


def ask(desk: Desk, planned: Plan) -> str:
    """Ask: the question and its message are kept together, and sealed. It is sent by `haechi.respond.tend.send`.

    Returns the question's id. Raises `AskError` where somebody else has asked meanwhile.
    """
    if not desk.workspace.settings.mail.server:
        raise AskError(
            "no mail server is set",
            kept="nothing was sent",
            todo="add [mail] to haechi.toml: docs/settings.md",
        )
    now = desk.now()
    with desk.database.changing() as connection:
        for name, packed in _overlapping(connection, planned.what).items():
            if places.overlap(planned.what.places, packed):
                raise AskError(f"{name} asks about the same accesses", kept="nothing was sent")
        name = _new_name(connection)
        values = planned.values(desk, name, now)
        n = begin(connection, values, desk.by, said_of(values))
        outbox.put(connection, name, n, "asked", planned.mail, values["role"], domain(desk), now)
    seal(desk.store, desk.database)
    return name


def said_of(values: dict[str, Any]) -> dict[str, Any]:
    """What the first step seals: who is asked, and about exactly which accesses."""
    told = ("case_id", "whom", "mail", "role", "way", "due", "requests", "persons")
    shown = hashlib.sha256(msgspec.json.encode(values["shown"], order="sorted")).hexdigest()
    return {
        **{name: values[name] for name in told},
        # As text: a record may bear a time that no JSON number holds exactly.
        "first": str(values["first"]),
        "last": str(values["last"]),
        "shown": shown,
        "places": places.fingerprint(values["places"]),
    }


def domain(desk: Desk) -> str:
    """The right side of message ids: the sender's domain."""
    return desk.workspace.settings.mail.sender.partition("@")[2] or "haechi.invalid"


def check_due(length: str) -> None:
    """Raise `UsageError` for what is no length of time to answer in."""
    try:
        due = micros_of(length)
    except ValueError as error:
        raise UsageError(f"the time to answer is {error}") from None
    if due <= 0:
        raise UsageError("the time to answer is none")


def check_to(address: str) -> None:
    """Raise `UsageError` for what is no mail address."""
    if address and not is_address(address):
        raise UsageError(f"{address!r} is no mail address", kept="nothing was sent")


def _who_can_be(engine: Engine) -> str:
    """Who of a case can be asked: accounts of its records that stand on the list of people."""
    rows = engine.rows(
        """
        SELECT a.actor, count(*) AS accesses
        FROM access AS a SEMI JOIN case_request AS c ON c.source = a.source AND c.seq = a.seq
        SEMI JOIN person AS p ON p.account = a.actor
        GROUP BY a.actor ORDER BY accesses DESC, a.actor
        """
    )
    if not rows:
        return (
            "its records name no account of the list of people: nobody there can be asked. "
            "haechi case show tells what speaks for whom"
        )
    named = ", ".join(row[0] for row in rows[:5]) + (" and others" if len(rows) > 5 else "")
    return f"its records name these accounts of the list of people: {named}. Name one with --account"


def _address(wish: Wish, whom: Whom) -> str:
    if wish.to:
        if not is_address(wish.to):
            raise AskError("that is no mail address", kept="nothing was sent")
        return wish.to
    found = whom.manager if wish.manager else whom.mail
    if not found:
        who = "their manager" if wish.manager else "them"
        raise AskError(
            f"no mail address of {who} is known",
            kept="nothing was sent",
            todo="name one with --to, or name a directory in [asking] of haechi.toml",
        )
    return found


def _way(desk: Desk, wish: Wish) -> str:
    can_link = bool(desk.asking.url) and desk.store.signer is not None
    if wish.way == "link" and not can_link:
        raise AskError(
            "a link needs the address of the answer page, and the workspace's signing key",
            kept="nothing was sent",
            todo="set url in [asking] of haechi.toml and run haechi case serve, or ask with --mail",
        )
    return wish.way or ("link" if can_link else "mail")


def _asked_before(desk: Desk) -> dict[str, bytes]:
    with desk.database.reading() as connection:
        query = sa.select(db.ask.c.id, db.ask.c.places).order_by(db.ask.c.asked)
        return {row.id: row.places for row in connection.execute(query)}


def _overlapping(connection: sa.Connection, what: InQuestion) -> dict[str, bytes]:
    query = sa.select(db.ask.c.id, db.ask.c.places).where(
        db.ask.c.first <= what.last, db.ask.c.last >= what.first
    )
    return {row.id: row.places for row in connection.execute(query)}


def _new_name(connection: sa.Connection) -> str:
    while True:
        name = f"A-{secrets.token_hex(4)}"
        if connection.execute(sa.select(db.ask.c.id).where(db.ask.c.id == name)).first() is None:
            return name


def _same(mail: str, by: str) -> bool:
    try:
        check_other(asker_names(by), {mail}, "asks")
    except AskError:
        return True
    return False
