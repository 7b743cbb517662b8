"""The month that a report is about."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from haechi.model.errors import UsageError
from haechi.report.document.model import Month

_MONTH = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)


def month_of(text: str, zone: tzinfo) -> Month:
    """`2025-06` as a month of that zone.

    Raises:
        UsageError: it is no month.
    """
    found = _MONTH.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no month.", todo="Write it as 2025-06.")
    return starting(int(found[1]), int(found[2]), zone)


def starting(year: int, month: int, zone: tzinfo) -> Month:
    """The month with that number."""
    first = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    last = datetime(*after, 1, tzinfo=zone).astimezone(UTC)
    return Month(year, month, str(zone), first, last)


def earlier(month: Month, months: int, zone: tzinfo) -> Month:
    """The month so many months before."""
    index = month.year * 12 + month.month - 1 - months
    return starting(index // 12, index % 12 + 1, zone)
