"""Times and lengths of time in sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_UNITS = ((86400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def span(first: datetime, last: datetime) -> str:
    """`2025-05-23 02:11 to 06-02 00:00 UTC`: what both share is said once."""
    if first == last:
        return f"{first:%Y-%m-%d %H:%M:%S} UTC"
    fine = "%H:%M:%S" if last - first < timedelta(minutes=2) else "%H:%M"
    begun = first.strftime(f"%Y-%m-%d {fine}")
    if first.date() == last.date():
        return f"{begun} to {last.strftime(fine)} UTC"
    form = "%m-%d " if first.year == last.year else "%Y-%m-%d "
    return f"{begun} to {last.strftime(form + fine)} UTC"


def length(time: timedelta) -> str:
    """`9 days 21:49`, `1 day 00:05`, `5 h 12 min`, `12 min`."""
    minutes = round(time.total_seconds() / 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} day{'s' if days > 1 else ''} {hours:02}:{minutes:02}"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def every(seconds: float) -> str:
    """`every 0.2 s`, `every 3 min`: a usual gap, to the precision that a reader wants."""
    for size, unit in _UNITS:
        if seconds >= 2 * size or size == 1:
            number = seconds / size
            if number < 0.0001:
                return "many times each millisecond"
            return f"every {number:.0f} {unit}" if number >= 10 else f"every {number:.2g} {unit}"
    return f"every {seconds:.2g} s"


def utc(time: datetime) -> datetime:
    """The same time with its zone said; times of the store carry none and are UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
