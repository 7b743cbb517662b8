"""Numbers, times and lengths of time in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from haechi.report.figures import count, duration, moment, size, zone_name


@pytest.mark.parametrize(
    ("number", "thing", "text"),
    [
        (0, "case", "0 cases"),
        (1, "case", "1 case"),
        (37_550_000, "person", "37,550,000 persons"),
        (2, "network address", "2 network addresses"),
        (1, "more file", "1 more file"),
    ],
)
def test_count(number: int, thing: str, text: str) -> None:
    assert count(number, thing) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (12_345, "12.3 kB"),
        (999_400, "999 kB"),
        (999_600, "1.00 MB"),
        (2_747_282_505, "2.75 GB"),
        (10**21, "1000 EB"),
    ],
)
def test_size(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "under a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=3), "3 minutes"),
        (timedelta(days=9, hours=21, minutes=49), "9 days 21 hours"),
        (timedelta(days=1, minutes=5), "1 day"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
    ],
)
def test_duration(length: timedelta, text: str) -> None:
    assert duration(length) == text


def test_times_are_told_in_the_zone_that_is_named() -> None:
    time = datetime(2025, 4, 13, 18, 12, 45, 999_999, tzinfo=UTC)
    assert moment(time, ZoneInfo("Asia/Seoul")) == "2025-04-14 03:12:45"
    assert moment(time.replace(tzinfo=None), ZoneInfo("Asia/Seoul")) == "2025-04-14 03:12:45"
    assert zone_name(ZoneInfo("Asia/Seoul"), time) == "Asia/Seoul, UTC+09:00"
    assert zone_name(UTC, time) == "UTC"


def test_an_offset_that_changes_is_not_named() -> None:
    winter, summer = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
    assert zone_name(ZoneInfo("Europe/Berlin"), winter, summer) == "Europe/Berlin"


def test_times_at_the_end_of_the_calendar_are_told_in_utc() -> None:
    assert moment(datetime(9999, 12, 31, 23, tzinfo=UTC), ZoneInfo("Asia/Seoul")) == "9999-12-31 23:00:00"
