"""Put what was measured into a page, between `<!-- measured: NAME -->` and `<!-- end: NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping


class NoPlace(Exception):
    """The page has no place of that name."""


def fill(page: str, parts: Mapping[str, str]) -> str:
    """The page with each part in its place. Raises `NoPlace` where it has none, or more than one."""
    for name, text in parts.items():
        begin, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
        if len(pattern.findall(page)) != 1:
            raise NoPlace(f"one place is needed: {begin} ... {end}")
        written = f"{begin}\n\n{text}\n\n{end}"
        page = pattern.sub(lambda _, written=written: written, page)  # type: ignore[misc]
    return page
