"""Time zones by name, and times of the settings as UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def zones() -> frozenset[str]:
    """The names of all time zones there are. They are looked up in many files, so once."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo | None:
    """The zone of that name in the IANA database, or None."""
    # Asked by list: ZoneInfo opens files by name, and a name from a file must not choose one.
    return ZoneInfo(name) if name in zones() else None


def as_utc(time: datetime | None, timezone: str) -> datetime | None:
    """A time with the zone UTC; one that says no zone is read in `timezone` (UTC where that is unknown)."""
    if time is None:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone(timezone) or UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError:  # year 1 or 9999: the zone does not matter there
        return time.replace(tzinfo=UTC)
