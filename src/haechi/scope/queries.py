"""The SQL of this part, by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of `scope/sql/NAME.sql`."""
    return files("haechi.scope").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
