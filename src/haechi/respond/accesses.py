"""The accesses in question: which, how many, and the few that a message shows, with persons masked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC
from typing import Final

import msgspec
import pyarrow as pa

from haechi.model.plain import safe
from haechi.model.times import micros
from haechi.respond import places
from haechi.respond.queries import query
from haechi.store.interface import Engine

LONGEST: Final = 80  # letters of a page or field list in a message
_HIDDEN: Final = "•"


class Shown(msgspec.Struct, frozen=True):
    """One access as a message shows it: no more than its reader saw then, and mostly less."""

    time: int  # microseconds since 1970 UTC
    page: str  # a template, never the path itself
    action: str
    fields: str
    subject: str  # "#1 ••••12": numbered within the question, masked; "" where the record names nobody
    subjects: int | None  # how many, where the record tells only that
    address: str  # from where: the reader's own


class InQuestion(msgspec.Struct, frozen=True):
    """What somebody is asked about. `requests` are accesses, `persons` those that the records name."""

    requests: int
    persons: int
    first: int
    last: int
    places: bytes
    shown: list[Shown]


def in_question(
    engine: Engine, requests: pa.Table, accounts: Sequence[str], before: pa.Table, rows: int
) -> InQuestion | None:
    """The accesses of a case (`requests`: source, seq) by these accounts, without those asked about `before`.

    None where there is none. `rows`: how many are shown at most. Raises `AskError` for too many.
    """
    engine.register("case_request", requests.select(["source", "seq"]))
    engine.register("asked_account", pa.table({"account": pa.array(accounts, pa.string())}))
    engine.register("asked_before", before)
    engine.execute(query("in_question"))
    count, persons, first, last = engine.rows(
        "SELECT count(*), count(DISTINCT subject), min(time), max(time) FROM in_question"
    )[0]
    if not count:
        return None
    numbers: dict[str, int] = {}  # so that the same person is known again, however little is shown
    shown = [
        Shown(
            time=micros(time.replace(tzinfo=UTC)),
            page=short(route or ""),
            action=short(action or method or ""),
            fields=short((fields or "").replace(",", ", ")),
            subject=f"#{numbers.setdefault(subject, len(numbers) + 1)} {masked(subject)}" if subject else "",
            subjects=subjects,
            address=short(address or ""),
        )
        for time, route, method, action, fields, subject, subjects, address in engine.rows(
            query("shown"), {"rows": rows}
        )
    ]
    packed = places.pack(engine.arrow("SELECT source, seq FROM in_question"))
    return InQuestion(count, persons, micros(first), micros(last), packed, shown)


def masked(subject: str) -> str:
    """An id of which enough is left to remember it by, and too little to tell it to somebody else.

    At most a third of it is left: the last two letters, and of a long one the first. Of a short one nothing is.
    """
    text = unicodedata.normalize("NFC", subject)
    if len(text) < 6:
        return _HIDDEN * 4
    return (safe(text[0]) if len(text) > 8 else "") + _HIDDEN * 4 + safe(text[-2:])


def short(text: str) -> str:
    """Harmless text that stays within its column."""
    plain = safe(text)
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
