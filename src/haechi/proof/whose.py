"""Whose a row is: the data subject of the record; else its actor (`docs/evidence.md`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# By table, in the order in which they are asked. Set-aside units are nobody's.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "access": ("subject", "actor"),
    "issuance": ("actor",),
    "subject": ("subject",),
    "person": ("person",),
    "reason": ("subject", "actor"),
    "fact": ("person", "account"),
}


def person_of(table: str, record: Mapping[str, Any]) -> str:
    """The person of a record; "" where it is nobody's."""
    told = (record.get(column) for column in COLUMNS.get(table, ()))
    return next((person for person in told if isinstance(person, str)), "")
