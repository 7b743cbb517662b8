"""`statement.json`: what Haechi says of a case, the rules by which it was found, and on what each number rests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from haechi.identity.leaver_values import LeaverCheck
from haechi.model.values import Case

FORMAT: Final = "haechi-case-1"

# What an outsider can make of each number. The pack's rows are the accesses of the case and nothing else.
BASIS: Final[Mapping[str, str]] = {
    "requests": "recounted from the rows of this pack",
    "first_seen, last_seen": "recounted from the rows of this pack",
    "requests_shown, accounts, members, withdrawn, ghosts": "bounded by the persons whom the rows name; which of them "
    "exist, existed or had withdrawn rests on the company's register of members, which is not in the pack",
    "non_members": "rests on the company's customer databases ([[exposes]]): the rows do not name them",
    "fields": "rests on what the company's settings say that each kind of page shows",
    "findings": "rest on the rules below as run over the company's whole store, which is not in the pack",
    "coverage, possible": "rest on the company's store as a whole; haechi coverage over the store makes them again",
}


class RuleRun(msgspec.Struct, frozen=True):
    """A rule as it was run: its SQL and the values of its parameters, lengths of time in seconds."""

    id: str
    title: str
    means: str
    sql: str
    parameters: dict[str, Any]


class Statement(msgspec.Struct, frozen=True):
    checkpoint: str  # "ORIGIN SIZE ROOT" at which it was computed
    case: Case
    rules: list[RuleRun]
    basis: dict[str, str]
    format: Literal["haechi-case-1"] = FORMAT

    def data(self) -> bytes:
        return msgspec.json.format(
            msgspec.json.encode(_plain(msgspec.to_builtins(self, enc_hook=str))), indent=1
        )


# What an outsider can make of a check of leavers.
LEAVER_BASIS: Final[Mapping[str, str]] = {
    "had, told": "quoted from the rows of this pack",
    "state": "borne out by those rows: the last answer of each probe, the last word of each list. That a DEAD is not "
    "too old, and what a right is worth without its account, is how Haechi weighs them",
    "departed": "from the rows of the list of people",
    "people, items": "that these are all people who left, and all that they had, rests on the company's systems and "
    "settings as a whole",
}


class LeaverStatement(msgspec.Struct, frozen=True):
    """What is stated of leavers. `basis`: on what it rests."""

    check: LeaverCheck
    basis: dict[str, str] = msgspec.field(default_factory=lambda: dict(LEAVER_BASIS))
    format: Literal["haechi-leaver-1"] = "haechi-leaver-1"

    def data(self) -> bytes:
        return msgspec.json.format(
            msgspec.json.encode(_plain(msgspec.to_builtins(self, enc_hook=str))), indent=1
        )


class LeaverStated(msgspec.Struct, frozen=True):
    check: LeaverCheck
    format: Literal["haechi-leaver-1"]


class StatedScope(msgspec.Struct, frozen=True):
    """Of a statement, what can be compared with rows."""

    requests: int
    requests_shown: int
    accounts: int
    persons: int
    members: int
    withdrawn: int
    non_members: int
    ghosts: int


class StatedCase(msgspec.Struct, frozen=True):
    id: str
    first_seen: datetime
    last_seen: datetime
    scope: StatedScope


class Stated(msgspec.Struct, frozen=True):
    checkpoint: str
    case: StatedCase
    format: Literal["haechi-case-1"]


def parameter(value: object) -> object:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _plain(value: Any) -> Any:
    """Text that came from a log may hold bytes that are no text, which Python carries as lone surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
