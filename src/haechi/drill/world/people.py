"""The personnel list: crews first, then the others, then those whom an incident needs by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from haechi.drill.world.calendar import Calendar

_ROLES = ("developer", "site reliability", "warehouse planner", "accountant", "designer", "recruiter")
OTHERS = 60
DEVICE = "small cell"  # the role of devices, which stand in a register of their own


@dataclass(frozen=True)
class Employee:
    """One line of the personnel list. Dates are ISO days; `departed` is "" for those who are still there.

    `departed` is the first day on which the person no longer works here.
    """

    employee_id: str
    account: str
    hired: str
    departed: str
    role: str


@dataclass(frozen=True)
class Crews:
    """How many there are of each crew."""

    desk: int
    couriers: int = 0
    analysts: int = 0

    @property
    def size(self) -> int:
        return self.desk + self.couriers + self.analysts

    def beside(self, other: Crews) -> Crews:
        """As many of each crew as both need."""
        return Crews(
            max(self.desk, other.desk),
            max(self.couriers, other.couriers),
            max(self.analysts, other.analysts),
        )

    def kind(self, number: int) -> tuple[str, str]:
        """Role and beginning of the account name of employee `number`."""
        if number < self.desk:
            return "customer service", "cs"
        if number < self.desk + self.couriers:
            return "delivery", "courier"
        return ("data analyst", "data") if number < self.size else ("", "staff")


def personnel(
    rng: np.random.Generator, calendar: Calendar, crews: Crews, others: int = OTHERS
) -> tuple[Employee, ...]:
    """The crews first (a few leave while the records run), then the others (some have left long ago)."""
    people: list[Employee] = []
    for number in range(crews.size + others):
        at_work = number < crews.size
        hired = calendar.first - timedelta(days=int(rng.integers(200, 3000)))
        leaves = rng.random() < (0.12 if at_work else 0.1)
        # A crew's first two stay, so that no crew dies out in a small world.
        first = number < 2 or number in (crews.desk, crews.desk + 1, crews.size - 1)
        if first or not leaves:
            departed = ""
        elif at_work:
            late = int(rng.integers(calendar.days // 5, max(calendar.days // 5 + 1, calendar.days - 10)))
            departed = str(calendar.first + timedelta(days=late))
        else:
            departed = str(hired + timedelta(days=int(rng.integers(100, 190))))
        role, account = crews.kind(number)
        role = role or _ROLES[int(rng.integers(len(_ROLES)))]
        people.append(Employee(f"E{1000 + number}", f"{account}-{number:04d}", str(hired), departed, role))
    return tuple(people)
