"""The settings' lengths of time, in microseconds."""

from __future__ import annotations

from haechi.workspace.units import duration


def micros_of(length: str) -> int:
    """`7d` in microseconds."""
    return round(duration(length).total_seconds() * 1_000_000)
