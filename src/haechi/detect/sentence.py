"""Sentences from templates: numbers with thousands separators and the right number of the noun.

"{accesses:request} carried {credentials:token}"  ->  "1,204 requests carried 1 token"
"{subjects:person|people}"                        ->  "3 people"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any

# Entity kinds as a sentence says them.
KIND_WORDS = {
    "client_ip": "address",
    "actor": "account",
    "person": "person",
    "subject": "data subject",
}


def counted(number: int, noun: str) -> str:
    """`1,204 requests`; the plural stands after a bar where it is not the noun with an s: `person|people`."""
    one, _, many = noun.partition("|")
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown(value: Any) -> str:
    """A value of the evidence as a sentence says it: times to the minute, several values with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(shown(item) for item in value)
    return "unknown" if value is None else str(value)


class _Sentence(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return counted(value, format_spec) if format_spec and isinstance(value, int) else shown(value)


def fill(template: str | Mapping[str, str], kind: str, values: Mapping[str, Any]) -> str:
    """The template for an entity kind, filled. A name that is not among `values` says "unknown"."""
    if not isinstance(template, str):
        template = template.get(kind, template.get("any", ""))
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    known = {name: values.get(name) for name in names} | {"kind": KIND_WORDS.get(kind, kind)}
    text = _Sentence().vformat(template, (), known)
    # Only a word of ours is written large: an account's name or a key's id stays as it is.
    return text[:1].upper() + text[1:] if template.startswith("{kind}") else text
