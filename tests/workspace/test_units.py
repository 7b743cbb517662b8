"""Lengths of time and amounts of memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.workspace.units import duration, is_memory


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1h30m", 5400), ("1 h 30 m", 5400), ("0.5d", 43200), ("2w", 1209600), ("1y", 31622400)],
)
def test_lengths(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "1", "1j", "-1h", "1h and more", "99999999999999999w"])
def test_no_lengths(text: str) -> None:
    with pytest.raises(ValueError, match=r"length of time|longer"):
        duration(text)


@given(st.integers(0, 99), st.integers(0, 99))
def test_parts_add_up(hours: int, minutes: int) -> None:
    assert duration(f"{hours}h{minutes}m") == timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize(
    ("text", "good"),
    [("512MB", True), ("1.5 GiB", True), ("2gb", True), ("2", False), ("GB", False), ("-1GB", False)],
)
def test_memory(text: str, good: bool) -> None:
    assert is_memory(text) is good
