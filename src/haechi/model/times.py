"""Times as records and entries carry them (microseconds since 1970 UTC) and as Python does; exact both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@overload
def moment(micros: int) -> datetime | None: ...
@overload
def moment(micros: None) -> None: ...
def moment(micros: int | None) -> datetime | None:
    """The UTC time; None for None, and where it lies outside what Python can name."""
    if micros is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def micros(time: datetime) -> int:
    """Microseconds since 1970 UTC; a time without zone is UTC."""
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH) // timedelta(microseconds=1)
