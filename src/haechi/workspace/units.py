"""Lengths of time and amounts of memory as people write them in `haechi.toml`."""

from __future__ import annotations

import re
from datetime import timedelta

# A year is 366 days: what must be kept for a year is then never dropped a day early.
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 366 * 86400}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdwy])+", re.ASCII)
_PIECE = re.compile(r"(\d+(?:\.\d+)?)([smhdwy])", re.ASCII)
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B", re.I)
_POWER = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `1h`, `1h30m`, `7d`, `2w`, `1y` (366 days) as a length of time.

    Raises:
        ValueError: it is written otherwise, or too long to count.
    """
    compact = text.replace(" ", "")
    if not _DURATION.fullmatch(compact):
        raise ValueError("not a length of time such as 90s, 30m, 1h, 1h30m, 7d, 2w or 1y")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PIECE.findall(compact))
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("longer than can be counted") from None


def is_memory(text: str) -> bool:
    """Whether an engine can read it as an amount of memory: `512MB`, `2GB`, `1.5 GiB`."""
    return _MEMORY.fullmatch(text.strip()) is not None


def memory_bytes(text: str) -> int:
    """An amount of memory in bytes, as an engine reads it: `MB` counts in thousands, `MiB` in 1,024.

    Raises:
        ValueError: it is no amount of memory.
    """
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        raise ValueError("not an amount of memory such as 512MB or 2GB")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWER[unit.upper()])
