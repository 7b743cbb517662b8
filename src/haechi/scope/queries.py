"""The SQL of this part, by name."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The text of `scope/sql/NAME.sql`."""
    return files("haechi.scope").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def statements(name: str) -> list[str]:
    """A file of several statements, each ended by a semicolon at the end of a line."""
    return [text.strip() for text in re.split(r";\s*$", query(name), flags=re.M) if text.strip()]
