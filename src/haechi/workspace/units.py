"""Lengths of time and amounts of memory as people write them in `haechi.toml`."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_MEMORY = re.compile(r"\d+(?:\.\d+)?\s*(?:[KMGT]i?)?B", re.I)


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `1h`, `1h30m`, `7d`, `2w` as a length of time.

    Raises:
        ValueError: it is written otherwise, or too long to count.
    """
    compact = text.replace(" ", "")
    if not _DURATION.fullmatch(compact):
        raise ValueError("not a length of time such as 90s, 30m, 1h, 1h30m, 7d or 2w")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PIECE.findall(compact))
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("longer than can be counted") from None


def is_memory(text: str) -> bool:
    """Whether an engine can read it as an amount of memory: `512MB`, `2GB`, `1.5 GiB`."""
    return _MEMORY.fullmatch(text.strip()) is not None
