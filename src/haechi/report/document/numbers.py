"""Every number of a report by name, with the query that counted it. `haechi verify` compares these.

A number's name is its way through the document: `totals.persons`, `days[2025-06-24].shown`,
`cases[C-7f3a2b].scope.persons`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

# First step of a number's name -> the query that it comes from. `inspection`: what rules, cases and scope count.
QUERIES: Final[Mapping[str, str]] = {
    "totals": "totals",
    "items": "items",
    "sources": "sources",
    "aside": "aside",
    "days": "days",
    "grid": "grid",
    "buckets": "buckets",
    "outliers": "persons",
    "actors": "persons",
    "addresses": "persons",
    "networks": "networks",
    "trend": "trend",
    "exports": "exports",
    "rights": "rights",
    "findings": "inspection",
    "case": "inspection",
    "cases": "inspection",
    "rules": "inspection",
    "holes": "inspection",
    "explained": "inspection",
    "drill": "drill",
}
# Questions live on after a report is made: what it says of them is what was so then.
NOT_COUNTED: Final = ("made", "month", "open_items", "settled", "versions")
LETTERS: Final = 100  # of a name out of a log
_NAMES: Final = ("id", "ask", "day", "name", "rule", "reason", "actor")


class Number(msgspec.Struct, frozen=True):
    """A number of a report."""

    name: str
    value: int | float | None
    query: str


def numbers(document: msgspec.Struct) -> list[Number]:
    """All numbers of a document, in its order. Times count as their text does not: they are compared as numbers too."""
    found = []
    told = msgspec.to_builtins(document, builtin_types=(datetime,))
    for first, value in told.items():
        if first in NOT_COUNTED:
            continue
        query = QUERIES.get(first, "inspection")
        found += [Number(name, number, query) for name, number in _walk(first, value)]
    return found


def _walk(name: str, value: Any) -> Iterator[tuple[str, int | float]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield name, value
    elif isinstance(value, datetime):
        yield name, int(value.timestamp() * 1_000_000)
    elif isinstance(value, dict) and value.get("known") is not False:  # what is not known has no numbers
        for key, item in value.items():
            yield from _walk(f"{name}.{key}", item)
    elif isinstance(value, list | tuple):
        seen: dict[str, int] = {}
        for index, item in enumerate(value):
            key = _key(item, index)
            seen[key] = seen.get(key, 0) + 1
            mark = key if seen[key] == 1 else f"{key}#{seen[key]}"
            yield from _walk(f"{name}[{mark}]", item)


def _key(item: Any, index: int) -> str:
    if not isinstance(item, dict):
        return str(index)
    if "weekday" in item:
        return f"{item['weekday']} {item['hour']:02d}"
    if "month" in item and "year" in item:
        return f"{item['year']}-{item['month']:02d}"
    if "least" in item:
        return str(item["least"])
    return _bounded(next((str(item[key]) for key in _NAMES if item.get(key)), str(index)))


def _bounded(text: str) -> str:
    """A name out of a log of bounded length, still told apart from others that begin alike."""
    if len(text) <= LETTERS:
        return text
    return f"{text[:LETTERS]}…{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
