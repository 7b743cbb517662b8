"""What most scenarios share: an ordinary shop to happen in, and an incident written down beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.world.calendar import DAY, HOUR, Calendar, Ints, kst
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.keys import Key
from haechi.drill.world.people import Crews, Employee
from haechi.drill.world.shop import Shop

ACCOUNTS = 10_000_000  # members of an ordinary shop at scale 1
# A small world keeps a whole desk, and so many members that an ordinary one rings up a few times a year.
LEAST, LEAST_A_DAY = 20_000, 1_500
A_MEMBER_A_DAY = 1.0  # requests; most members do not come every day
FIRST = date(2025, 9, 1)
_TURN = kst(2025, 7, 7, 4)
KEYS = (
    Key("login-2024-07", kst(2024, 7, 8, 4), _TURN + HOUR, readers=("E1903",)),
    Key("login-2025-07", _TURN, readers=("E1903",)),
)
_KEEPER = Employee("E1903", "staff-1903", "2019-09-16", "", "site reliability")


def scaled(number: float, scale: float, least: int = 1) -> int:
    """`number` at this scale, and at least `least`."""
    return max(least, round(number * scale))


def ordinary(
    scale: float,
    *,
    days: int = 60,
    accounts: int = ACCOUNTS,
    people: Sequence[Employee] = (),
    keys: Sequence[Key] = (),
) -> Setting:
    """An ordinary shop for so many days from 1 September 2025; `keys` besides its own.

    Its sizes are assumed. A desk, couriers and analysts work in it however small it is.
    """
    members = scaled(accounts, scale, LEAST)
    return Setting(
        calendar=Calendar(FIRST, FIRST + timedelta(days=days - 1)),
        accounts=members,
        lost_ids=members // 3,
        non_members=members // 8,
        crews=Crews(scaled(2_000, scale, 12), scaled(1_000, scale, 6), scaled(200, scale, 3)),
        keys=(*KEYS, *keys),
        people=(_KEEPER, *people),
        requests=round(scaled(ACCOUNTS, scale, LEAST_A_DAY) * days * A_MEMBER_A_DAY),
        calls=12.0,
    )


@dataclass(frozen=True)
class Scripted:
    """An incident that is written down before the first day."""

    phases: tuple[str, ...]
    calendar: Calendar
    asked: Requests  # in order of time
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return int((self.asked["bad"] > 0).sum())

    def day(self, day: int) -> Requests:
        begin = self.calendar.start_of(day)
        first, last = np.searchsorted(self.asked["time"], [begin, begin + DAY])
        return self.asked.take(np.arange(first, last))

    def facts(self) -> dict[str, Any]:
        return self.told


def script(phases: tuple[str, ...], calendar: Calendar, parts: Sequence[Requests], **told: Any) -> Scripted:
    """Parts of an incident in one order of time. What falls outside the calendar is left out."""
    asked = join([requests(np.empty(0, np.int64)), *parts])
    within = (asked["time"] >= calendar.begin) & (asked["time"] < calendar.end)
    asked = asked.take(within)
    return Scripted(phases, calendar, asked.take(np.argsort(asked["time"], kind="stable")), told)


def there(shop: Shop) -> Ints:
    """Places of the members who are there all the time, and real: anybody else is a harder case than needed."""
    members, calendar = shop.members, shop.calendar
    stays = (members.since < calendar.begin) & (members.withdrawn > calendar.end)
    return np.flatnonzero(stays & ~members.canary)


def some_day(rng: np.random.Generator, shop: Shop) -> int:
    """The day on which an incident begins: in the second half, and another one with each seed."""
    return int(shop.calendar.days * rng.uniform(0.5, 0.85))


def working_days(shop: Shop, begin: float, end: float) -> list[int]:
    """Days but Sundays within these shares of the calendar."""
    days = range(round(shop.calendar.days * begin), round(shop.calendar.days * end))
    return [day for day in days if shop.calendar.date_of(day).weekday() < 6]
