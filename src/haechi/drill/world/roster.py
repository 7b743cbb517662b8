"""Who works on which day: the crews' shifts, and everybody's last day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from haechi.drill.world.calendar import HOUR, Calendar, Ints
from haechi.drill.world.people import Employee

SHIFT = (9 * HOUR, 18 * HOUR)  # from the local day's beginning
PRESENT = 0.8  # the rest of a working day's crew are off


class Roster:
    """Shifts of `crew` employees (positions 0 and up), day by day. Nobody works on Sundays, or after leaving."""

    def __init__(
        self, rng: np.random.Generator, calendar: Calendar, employees: Sequence[Employee], crew: int
    ) -> None:
        self._calendar = calendar
        left = [e.departed or "9999-01-01" for e in employees]
        self.last = np.array([date.fromisoformat(day).toordinal() for day in left], dtype=np.int64)
        days = np.array([calendar.date_of(day).toordinal() for day in range(calendar.days)])
        weekday = np.array([calendar.date_of(day).weekday() for day in range(calendar.days)])
        drawn = rng.random((calendar.days, crew)) < PRESENT
        there = self.last[None, :crew] > days[:, None]
        self._on = drawn & there & (weekday < 6)[:, None]
        # A shop's desk is never empty on a working day, however small it is.
        self._on[:, :2] |= (weekday < 6)[:, None] & there[:, :2]

    def on(self, day: int, crew: range) -> Ints:
        """Positions of those of this crew who work on that day."""
        return crew.start + np.flatnonzero(self._on[day, crew.start : crew.stop])

    def shifts(self, day: int, crew: range) -> tuple[Ints, Ints, Ints]:
        """Who works on that day, from when to when (microseconds UTC)."""
        staff = self.on(day, crew)
        begin = np.full(len(staff), self._calendar.start_of(day))
        return staff, begin + SHIFT[0], begin + SHIFT[1]
