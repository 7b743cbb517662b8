"""Remarks that other parts of Haechi write in English (why a line was set aside, what a rule could not judge, what a
scope leaves out), in the report's language: told apart by their shape, with the values that they hold.

`_` only marks a message for translation. A remark of no known shape (an error of a file, a workspace's own rule) is
shown in the words that it was written in, and marked as English.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from markupsafe import Markup, escape

from haechi.report.document.words import Words
from haechi.report.safe import safe


def _(message: str) -> str:
    return message


_JUDGED: Final = "unknown, not flagged: "  # before the parts of a rule's remark
_PART: Final = re.compile(r"([\d,]+) access(?:es)? (.+)", re.S)
_NUMBER: Final = r"[\d,]+"
_LETTERS: Final = 400

# Why a line was set aside: what formats and tables say.
ASIDE: Final = (
    _("blank line"),
    _("the header line"),
    _("not a JSON object"),
    _("not a JSON object that says who asked for what"),
    _("not a whole row of %(n)s columns"),
    _("not a whole line of the common or combined format"),
    _("not a whole line of an AWS ALB log"),
    _("not a whole line of an HAProxy log"),
    _("not a whole line of a Nginx Proxy Manager log"),
    _("not a whole CloudTrail event"),
    _("not a line of an nginx error log that tells of a client"),
    _("not a line of an Apache error log that tells of a client"),
    _("not a Keycloak event"),
    _("not a Keycloak event that makes a token"),
    _("not an audit record"),
    _("an audit record that is cut off"),
    _("not an audit entry of OpenBao"),
    _("an audit entry of a request: the entry of its answer tells"),
    _("not a use of a secret"),
    _("refused or failed: nothing was read"),
    _("its time cannot be read"),
    _("its date in %(column)s cannot be read"),
    _("its kind is none of %(kinds)s"),
    _("its state is none of %(states)s"),
    _("it has no %(column)s"),
    _("it names no system"),
    _("it names no account"),
    _("it names no right"),
    _("it names no session"),
    _("it names no secret"),
    _("it names no probe"),
    _("it does not say what was listed"),
    _("it does not say whose it is"),
    _("it does not say who it was"),
    _("it does not say whose relation it is"),
    _("it names neither who may look nor whose data"),
    _("it names nobody who may look"),
    _("it has no beginning"),
    _("it begins too late"),
    _("it ends before it begins"),
    _("several accounts in one row: give each account a row of its own"),
    _("a value cannot be converted (%(kind)s)"),
    _("longer than %(n)s bytes"),
)
# What rules could not judge, behind the number of accesses; and why one did not run, beside what it needs.
JUDGED: Final = (
    _("of accounts for which neither approvals are collected nor purposes declared"),
    _("naming accounts otherwise than the issuance records do"),
    _("by %(n)s account of teams for whom few reasons are on record"),
    _("by %(n)s accounts of teams for whom few reasons are on record"),
    _("perhaps with a credential from before the issuance log begins"),
    _("after the last issuance record"),
    _("perhaps with a credential whose issuance record is known to be missing"),
    _("of an issuer whose records match no access at all"),
    _("of an issuer that is not told, where issuance of several is collected"),
    _("naming people otherwise than the registry does"),
)
STOPPED: Final = (_("switched off in haechi.toml"),)
# What a scope leaves out.
NOTES: Final = (
    _("%(n)s requests showed personal data without naming whose; they add no person."),
    _(
        "%(n)s requests showed personal data without naming whose; they add no person; "
        "by their own count they returned %(entries)s entries."
    ),
    _("1 request showed a file of which no database says who stands there."),
    _("%(n)s requests showed files of which no database says who stands there."),
    _("1 row of [[exposes]] %(name)s names no subject or no person: left out."),
    _("%(n)s rows of [[exposes]] %(name)s name no subject or no person: left out."),
    _("Third persons of [[exposes]] %(name)s are not counted: %(why)s"),
)


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each message as a pattern of the English text; those with the most words of their own first."""
    found = [*ASIDE, *JUDGED, *STOPPED, *NOTES]
    found.sort(key=lambda message: -len(re.sub(r"%\(\w+\)s", "", message)))
    return tuple((re.compile(_pattern(message), re.S), message) for message in found)


def _pattern(message: str) -> str:
    def value(name: str) -> str:
        return f"(?P<{name}>{_NUMBER if name in ('n', 'entries') else '.+'})"

    parts = re.split(r"%\((\w+)\)s", message)
    return "".join(value(part) if index % 2 else re.escape(part) for index, part in enumerate(parts))


def told(words: Words, text: str) -> str | None:
    """The remark in the report's language; None where its shape is not known."""
    if text.startswith(_JUDGED):
        parts = [_judged(words, part) for part in text.removeprefix(_JUDGED).split("; ")]
        return None if None in parts else "; ".join(part for part in parts if part)
    for pattern, message in _shapes():
        if found := pattern.fullmatch(text):
            return words.say(message, **found.groupdict()) if found.groupdict() else words.say(message)
    known = words.say(text)  # what a rule needs has a message of its own
    return known if known != text or words.language == "en" else None


def _judged(words: Words, part: str) -> str | None:
    found = _PART.fullmatch(part)
    why = told(words, found[2]) if found else None
    if found is None or why is None:
        return None
    number = int(found[1].replace(",", ""))
    counted = words.count("%(n)s access", "%(n)s accesses", number)
    return words.say("%(count)s %(why)s", count=counted, why=why)


def remark(words: Words, text: str) -> Markup:
    """A remark for a page: in the report's language, or marked as English."""
    known = told(words, text)
    shown = escape(safe((known or text)[:_LETTERS]))
    return Markup(f"<span>{shown}</span>") if known else Markup(f'<span lang="en">{shown}</span>')
