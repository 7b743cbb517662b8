"""The shop as a whole: the parts that stand before any traffic runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from haechi.drill.world.badges import Badges
from haechi.drill.world.calendar import Calendar, Ints
from haechi.drill.world.columns import STAFF
from haechi.drill.world.documents import Documents
from haechi.drill.world.keys import Keyring, Mint
from haechi.drill.world.members import Members, scatter
from haechi.drill.world.people import Crews, Employee
from haechi.drill.world.reasons import Reasons
from haechi.drill.world.roster import Roster


@dataclass(frozen=True)
class Shop:
    """Everything that stands before the first request. `employees[:crews.size]` are the crews, in order."""

    calendar: Calendar
    members: Members
    keyring: Keyring
    mint: Mint
    employees: tuple[Employee, ...]
    crews: Crews
    roster: Roster
    badges: Badges
    reasons: Reasons
    documents: Documents
    calls: float | None = None  # a customer-service agent answers a shift; None: a share of the traffic
    nat: int = 0  # members who all go out by one address of their carrier
    strangers: tuple[str, ...] = ()  # accounts that stand in no list

    @property
    def desk(self) -> range:
        return range(self.crews.desk)

    @property
    def couriers(self) -> range:
        return range(self.crews.desk, self.crews.desk + self.crews.couriers)

    @property
    def analysts(self) -> range:
        return range(self.crews.size - self.crews.analysts, self.crews.size)

    @property
    def accounts(self) -> list[str]:
        """The account names of all employees, by position, and behind them those that stand in no list."""
        return [*(employee.account for employee in self.employees), *self.strangers]

    def position(self, employee_id: str) -> int:
        """Where in `employees` this person stands."""
        return next(at for at, one in enumerate(self.employees) if one.employee_id == employee_id)

    def actor(self, position: Ints | int) -> Ints:
        """Employees as the actors of requests."""
        return STAFF - np.asarray(position, dtype=np.int64)

    def steady(self, crew: range) -> Ints:
        """Positions of those of a crew who stay as long as the records run."""
        end = date.toordinal(self.calendar.last)
        return np.array([p for p in crew if self.roster.last[p] > end], dtype=np.int64)

    def own_members(self) -> Ints:
        """For each employee the place of their own member account: one that was there before the records began."""
        there = int((self.members.since < self.calendar.begin).sum())
        return scatter(np.arange(len(self.employees)) * 3 + 1, there)

    def callable(self, member: Ints, at: Ints) -> npt.NDArray[np.bool_]:
        """Which members (by place) may ring up then: those who are there and real."""
        return self.members.active(member, at) & ~self.members.canary[member]
