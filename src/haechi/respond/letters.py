"""The messages: plain text, in the reader's language, with no more personal data than they saw themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final

import msgspec

from haechi.model.plain import safe
from haechi.model.times import EPOCH, moment
from haechi.respond.accesses import Shown
from haechi.respond.phrases import say, word
from haechi.respond.steps import Row

COLUMNS: Final = ("time", "action", "page", "fields", "subject", "address")  # of `cells`


class Policy(EmailPolicy):
    """How messages are written. The library's own folding loses the space between two encoded words of a subject:
    the older `Header` keeps it within them (RFC 2047, section 6.2)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        number, _, words = str(value).partition(" ")  # ours is "[A-00000000] words"
        charset = "us-ascii" if words.isascii() else "utf-8"
        encoded = Header(words, charset, header_name=f"{name}: {number} ").encode(linesep="\r\n")
        return f"{name}: {number} {encoded}\r\n".encode("ascii")


POLICY: Final = Policy(linesep="\r\n")


@dataclass(frozen=True)
class Letter:
    """A message to be written. `ask`: the row of the question; `url`: where to answer, "" to answer by mail."""

    id: str  # Message-ID
    kind: str  # asked, reminded, escalated, reopened
    recipient: str
    role: str
    sender: str
    ask: Row
    zone: tzinfo
    why: str = ""  # it is asked again
    url: str = ""
    expires: int = 0
    answers: str = ""  # the id of the message that began it: reminders stand under it


def write(letter: Letter, now: datetime) -> EmailMessage:
    """The message, ready to be sent. Header values hold no line ends: the library refuses them."""
    ask, language = letter.ask, letter.ask["language"]
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = f"<{letter.id}>"
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["From"] = Address(addr_spec=letter.sender)
    message["To"] = Address(addr_spec=letter.recipient)
    message["Subject"] = f"[{ask['id']}] {say(language, f'subject_{letter.kind}')}"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday notices need not answer it
    if letter.answers and letter.answers != letter.id:
        message["In-Reply-To"] = message["References"] = f"<{letter.answers}>"
    message.set_content("\n".join(_body(letter)) + "\n", charset="utf-8")
    return message


def _body(letter: Letter) -> list[str]:
    ask, language = letter.ask, letter.ask["language"]
    lines = [*_intro(letter), ""]
    lines += [f"{label}: {text}" for label, text in facts(ask, letter.zone)]
    lines += ["", *table(ask, letter.zone), "", say(language, "masked"), ""]
    if letter.url:
        until = minute(letter.expires, letter.zone)
        lines += [say(language, "how_link", expires=until), letter.url, ""]
    lines += [say(language, "how_mail", ask=ask["id"])] if not letter.url else []
    lines += ["", say(language, "why"), say(language, "wrong", sender=letter.sender), "", "-- "]
    return [*lines, say(language, "automatic", sender=letter.sender)]


def _intro(letter: Letter) -> list[str]:
    ask, language = letter.ask, letter.ask["language"]
    whom = safe(ask["whom"])
    if letter.kind == "escalated":
        return [say(language, "intro_escalated", whom=whom, asked=minute(ask["asked"], letter.zone))]
    lines = [say(language, f"intro_{letter.role}", whom=whom)]
    if letter.kind == "reminded":
        lines.append(say(language, "intro_reminded"))
    if letter.kind == "reopened" and letter.why:
        lines.append(say(language, "intro_reopened", why=safe(letter.why)))
    return lines


def facts(ask: Row, zone: tzinfo) -> list[tuple[str, str]]:
    """What is asked, in labelled lines."""
    language = ask["language"]
    return [
        (say(language, "number"), ask["id"]),
        (say(language, "case"), ask["case_id"]),
        (say(language, "asked_by"), safe(ask["asked_by"])),
        (say(language, "due"), minute(ask["due"], zone)),
        (say(language, "requests"), f"{ask['requests']:,}"),
        (say(language, "persons"), f"{ask['persons']:,}"),
        (say(language, "span"), _span(ask, zone)),
    ]


def shown_of(ask: Row) -> Sequence[Shown]:
    """The accesses that a message shows."""
    return msgspec.convert(ask["shown"], list[Shown])


def table(ask: Row, zone: tzinfo) -> list[str]:
    """The accesses in plain text, one below the other: columns would not stand in a mail's proportional letters."""
    shown, language = shown_of(ask), ask["language"]
    lines = [some] if (some := some_of(ask, len(shown))) else []
    lines.append(" | ".join(say(language, name) for name in COLUMNS))
    for one in shown:
        lines.append(" | ".join(cell or "–" for cell in cells(one, zone, language)))
    return lines


def some_of(ask: Row, rows: int) -> str:
    """That not all are shown; "" where all are."""
    requests = ask["requests"]
    return say(ask["language"], "some", rows=rows, requests=f"{requests:,}") if rows < requests else ""


def cells(one: Shown, zone: tzinfo, language: str) -> tuple[str, ...]:
    """The `COLUMNS` of an access: harmless text, in the reader's language where there is a word for it."""
    whose = one.subject or (f"({one.subjects:,})" if one.subjects else "")
    fields = ", ".join(word(language, f"field_{name}", name) for name in one.fields.split(", "))
    told = (word(language, f"action_{one.action}", one.action), one.page, fields, whose, one.address)
    return (_second(one.time, zone), *map(safe, told))


def minute(at: int, zone: tzinfo) -> str:
    """A time as people write it, with its zone: 2026-11-29 18:00 KST."""
    return f"{(moment(at) or EPOCH).astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _span(ask: Row, zone: tzinfo) -> str:
    first, last = minute(ask["first"], zone), minute(ask["last"], zone)
    return say(ask["language"], "from_to", first=first, last=last)


def _second(at: int, zone: tzinfo) -> str:
    return f"{(moment(at) or EPOCH).astimezone(zone):%Y-%m-%d %H:%M:%S}"
