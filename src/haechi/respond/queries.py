"""The SQL of this part, by the name of its file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (files("haechi.respond") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
