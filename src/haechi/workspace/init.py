"""A first `haechi.toml`, as `haechi init` writes it: what was guessed, why, and what is left to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import tomlkit

from haechi.model.errors import SettingsError
from haechi.model.settings import RouteSettings, SourceSettings, StoreSettings
from haechi.workspace.template import parse


class Guess(Protocol):
    """A route, why it was guessed (a clause), and how many of the sample requests fit it."""

    @property
    def route(self) -> RouteSettings: ...
    @property
    def reason(self) -> str: ...
    @property
    def count(self) -> int: ...


_HEAD = """\
# Haechi reads this file from its own folder and from every folder below it.
# Lines marked "guessed" come from a look at your logs: read them, correct them, take the mark away.
# docs/settings.md explains every setting.
"""

_STORE = f"""
[store]
path = "{StoreSettings().path}"    # where batches and the evidence log are kept
memory = "{StoreSettings().memory}"    # the most that a query may hold before it spills to disk
"""

_NO_SOURCE = """
# Where the records are. Without a source only files named on the command line are read.
# [[source]]
# name = "gateway"
# paths = ["logs/gateway-*.json"]
"""

_NO_ROUTE = """
# No page looked personal. Say which pages show personal data, and whose:
# [[route]]
# path = "/members/{id}/addresses"
# method = "GET"
# fields = ["name", "phone", "address"]
# subject = "path:id"    # or "query:NAME", "token" (the one who asks), "none"
"""

_MORE = """
# The more of what follows Haechi knows, the more it can say.

# Issuance records tell tokens that were issued from tokens that were forged:
# [[source]]
# name = "issuance"
# table = "issuance"
# paths = ["logs/issuance*.jsonl"]
#
# [[issuer]]
# name = "https://login.example"
# issuance = "issuance"
# token-life = "1h"
#
# [[issuer.key]]
# kid = "login-2025-01"
# not-before = 2025-01-01
# readers = ["E1001"]    # who could read the key, by their id in the people source

# The register of members tells members from numbers that nobody has:
# [[source]]
# name = "members"
# table = "subject"
# paths = ["members.csv"]

# The people who work here, and when they left:
# [[source]]
# name = "people"
# table = "person"
# paths = ["hr.csv"]

# Why staff may look: tickets, orders, shifts, approvals. Accesses with a reason are explained, not suspected:
# [[source]]
# name = "tickets"
# table = "reason"
# paths = ["tickets.csv"]

# What a service may read of everybody, and when:
# [[purpose]]
# name = "statements"
# actor = "svc-statements"
# reason = "Monthly statements"
# window = "01:00-05:00"
# days = ["1"]

# Third persons whom a page shows, such as the recipients in a member's address book:
# [[exposes]]
# name = "address_book"
# database = "sqlite:///shop.db"
# sql = "SELECT member_id AS subject, id AS person, 'address,name,phone' AS fields FROM address_book"
# routes = ["/members/{id}/addresses"]

# A rule that does not fit here can be turned off, or given other limits:
# [rules.RULE-ID]
# enabled = false
"""


def draft(
    root: Path,
    sources: Sequence[tuple[SourceSettings, str]],
    proposals: Iterable[Guess],
    timezone: str = "UTC",
) -> str:
    """The text of a `haechi.toml` that `load` accepts.

    Each source comes with a clause that says what was seen ("looks like nginx JSON"). Proposals with fields
    become routes; the others are listed in a comment, for a person to choose from. A proposal that stands
    for the same requests as an earlier one, or is no template, is left out.
    """
    personal, public = _sorted_out(proposals)
    parts = [_HEAD, _workspace(root.absolute().name, timezone), _STORE]
    parts += [_source(source, reason) for source, reason in sources] or [_NO_SOURCE]
    parts += [_route(guess) for guess in personal] or [_NO_ROUTE]
    parts += [_public(public)] if public else []
    return "".join([*parts, _MORE])


def _workspace(name: str, timezone: str) -> str:
    comment = "for times that carry no zone, and for the settings in this file"
    return f"\n[workspace]\nname = {_toml(name)}\ntimezone = {_toml(timezone)}    # {comment}\n"


def _source(source: SourceSettings, reason: str) -> str:
    lines = ["", f"# guessed: {_comment(reason)}", "[[source]]", f"name = {_toml(source.name)}"]
    lines += [f"paths = {_toml(source.paths)}"]
    lines += [f"{key} = {_toml(value)}" for key, value in _said(source)]
    if source.columns:
        lines += ["[source.columns]"]
        lines += [f"{_toml_key(key)} = {_toml(value)}" for key, value in source.columns.items()]
    return "\n".join(lines) + "\n"


def _said(source: SourceSettings) -> Iterator[tuple[str, str]]:
    if source.table != "access":
        yield "table", source.table
    if source.format:
        yield "format", source.format
    if source.timezone:
        yield "timezone", source.timezone


def _route(guess: Guess) -> str:
    route = guess.route
    return "\n".join(
        [
            "",
            f"# guessed: {_comment(guess.reason)} ({guess.count} in the sample)",
            "[[route]]",
            f"path = {_toml(route.path)}",
            f"method = {_toml(route.method)}",
            f"action = {_toml(route.action)}",
            f"fields = {_toml(list(route.fields))}",
            f"subject = {_toml(route.subject)}",
            "",
        ]
    )


def _public(guesses: Sequence[Guess]) -> str:
    listed = "".join(f"#   {guess.count:>8}  {_comment(_toml(guess.route.path))}\n" for guess in guesses)
    return (
        "\n# Also seen often. Nothing in their names is personal; a page that is wants its own [[route]]:\n"
        + listed
    )


def _sorted_out(proposals: Iterable[Guess]) -> tuple[list[Guess], list[Guess]]:
    """Those that become routes and those that are only named."""
    personal: dict[tuple[str, object], Guess] = {}
    public: list[Guess] = []
    for guess in proposals:
        try:
            shape = parse(guess.route.path).shape
        except SettingsError:
            continue
        if guess.route.fields:
            personal.setdefault((guess.route.method.upper(), shape), guess)
        else:
            public.append(guess)
    return list(personal.values()), public


def _toml(value: str | list[str]) -> str:
    return tomlkit.item(value).as_string()


def _toml_key(key: str) -> str:
    return tomlkit.key([key]).as_string()


def _comment(text: str) -> str:
    """Text that stays within its line: what comes from a log may hold anything."""
    return "".join(char if char.isprintable() else " " for char in text)
