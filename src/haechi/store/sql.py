"""Writing SQL, for the few places that take no parameter."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text as a SQL string."""
    return "'" + text.replace("'", "''") + "'"
