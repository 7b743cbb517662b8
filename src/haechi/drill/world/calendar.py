"""The shop's time: days in Korean local time (UTC+9, no daylight saving), and when people shop in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

KST = timezone(timedelta(hours=9), "KST")
SECOND = 1_000_000  # all times are microseconds since 1970, UTC
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
NEVER = np.iinfo(np.int64).max

Ints = npt.NDArray[np.int64]

# Share of a day's sessions by local hour: a quiet night, a lunch bump, a long evening. Assumed.
_WEEKDAY = np.array([3, 2, 1, 1, 1, 1, 2, 4, 5, 5, 5, 6, 8, 6, 5, 5, 5, 6, 7, 8, 10, 11, 10, 6], dtype=float)
_WEEKEND = np.array([5, 3, 2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 8, 8, 8, 8, 7, 7, 7, 8, 9, 9, 8, 6], dtype=float)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def kst(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Microseconds since 1970 of a Korean local time."""
    return micros(datetime(year, month, day, hour, minute, tzinfo=KST))


def moment(time_us: int) -> datetime:
    """The aware UTC time of microseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(time_us))


@dataclass(frozen=True)
class Calendar:
    """The days that the world's records cover, both ends included, in Korean local time."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def begin(self) -> int:
        return kst(self.first.year, self.first.month, self.first.day)

    @property
    def end(self) -> int:
        return self.begin + self.days * DAY

    def start_of(self, day: int) -> int:
        """When day number `day` (from 0) begins."""
        return self.begin + day * DAY

    def date_of(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def number(self, when: date) -> int:
        return (when - self.first).days

    def weights(self) -> npt.NDArray[np.float64]:
        """Relative traffic of each day: weekends are busier, and the shop grows by a fifth over the span."""
        days = np.arange(self.days)
        weekday = (days + self.first.weekday()) % 7
        week = np.array([1.0, 0.97, 0.97, 0.98, 1.0, 1.15, 1.2])[weekday]
        weights = week * (1 + 0.2 * days / max(1, self.days - 1))
        return np.asarray(weights / weights.sum())


def times_of_day(rng: np.random.Generator, n: int, weekend: bool) -> Ints:
    """Offsets into a local day at which people begin to shop."""
    shape = _WEEKEND if weekend else _WEEKDAY
    hours = rng.choice(24, size=n, p=shape / shape.sum())
    return np.asarray(hours * HOUR + rng.integers(0, HOUR, n), dtype=np.int64)
