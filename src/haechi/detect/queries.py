"""The SQL of `queries/`, by name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "queries"
_END = re.compile(r";\s*$", re.M)


@cache
def query(name: str, column: str = "") -> str:
    """One query; `{column}` in it becomes `column`, quoted."""
    quoted = '"' + column.replace('"', '""') + '"'
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").replace("{column}", quoted)


def statements(name: str) -> list[str]:
    """A file of several statements, each ended by a semicolon at the end of a line."""
    return [text.strip() for text in _END.split(query(name)) if text.strip()]
