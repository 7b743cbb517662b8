"""Numbers, times and lengths of time as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_BYTES = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")
_IRREGULAR = {
    "access": "accesses",
    "address": "addresses",
    "batch": "batches",
    "query": "queries",
    "entry": "entries",
}


def count(number: int, thing: str) -> str:
    """`1 person`, `2,300 persons`: the number with thousands separators and its unit, singular or plural."""
    return f"{number:,} {thing if number == 1 else plural(thing)}"


def plural(thing: str) -> str:
    """The plural of a unit; of several words the last one changes."""
    head, space, last = thing.rpartition(" ")
    return head + space + _IRREGULAR.get(last, last + "s")


def size(number: int) -> str:
    """An amount of bytes in decimal units with three figures: `2.75 GB`."""
    if number < 1000:
        return f"{number} B"
    value, power = float(number), 0
    while value >= 999.5 and power < len(_BYTES) - 1:
        value, power = value / 1000, power + 1
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {_BYTES[power]}"


def local(time: datetime, zone: tzinfo) -> datetime:
    """A time in a zone. A time without zone is UTC, as everywhere in the tables."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    try:
        return aware.astimezone(zone)
    except OverflowError:  # year 1 or 9999: the zone does not matter there
        return aware


def moment(time: datetime, zone: tzinfo) -> str:
    """A time to the second; its zone is named once, beside."""
    return f"{local(time, zone).replace(microsecond=0, tzinfo=None):%Y-%m-%d %H:%M:%S}"


def day(time: datetime, zone: tzinfo) -> str:
    return f"{local(time, zone):%Y-%m-%d}"


def zone_name(zone: tzinfo, *times: datetime) -> str:
    """`Asia/Seoul, UTC+09:00`; the offset is left out where it changed between the times (summer time)."""
    name = str(zone)
    offsets = {local(time, zone).strftime("%z") for time in times}
    if name == "UTC" or len(offsets) != 1:
        return name
    offset = offsets.pop()
    return f"{name}, UTC{offset[:3]}:{offset[3:5]}"


def duration(length: timedelta) -> str:
    """A length of time in its two largest units: `9 days 22 hours`, `3 minutes`, `under a second`."""
    seconds = int(length.total_seconds())
    if seconds < 1:
        return "under a second"
    units = (("day", seconds // 86400), ("hour", seconds // 3600 % 24), ("minute", seconds // 60 % 60))
    parts = [*units, ("second", seconds % 60)]
    first = next(index for index, (_, number) in enumerate(parts) if number)
    return " ".join(count(number, unit) for unit, number in parts[first : first + 2] if number)
