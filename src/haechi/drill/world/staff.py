"""People and machines at work in the shop: personnel, the customer-service desk, a nightly service."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND, Calendar, Ints
from haechi.drill.world.columns import NIGHTLY, STAFF, Issuances, Requests, issuances, join, requests
from haechi.drill.world.members import popular
from haechi.drill.world.pages import DESK_AGENT, NIGHTLY_AGENT, NUMBER
from haechi.drill.world.shop import Employee, Shop

_ROLES = ("developer", "site reliability", "warehouse planner", "accountant", "designer", "recruiter")


def personnel(
    rng: np.random.Generator, calendar: Calendar, desk: int, others: int = 60
) -> tuple[Employee, ...]:
    """The desk first (a few leave while the records run), then the others (some have left long ago).

    `departed` is the first day on which the person no longer works here.
    """
    people: list[Employee] = []
    for number in range(desk + others):
        at_desk = number < desk
        hired = calendar.first - timedelta(days=int(rng.integers(200, 3000)))
        leaves = rng.random() < (0.12 if at_desk else 0.1)
        if number < 2 or not leaves:
            departed = ""
        elif at_desk:
            departed = str(calendar.first + timedelta(days=int(rng.integers(60, calendar.days - 10))))
        else:
            departed = str(hired + timedelta(days=int(rng.integers(100, 190))))
        role = "customer service" if at_desk else _ROLES[int(rng.integers(len(_ROLES)))]
        account = f"cs-{number:04d}" if at_desk else f"staff-{number:04d}"
        people.append(Employee(f"E{1000 + number}", account, str(hired), departed, role))
    return tuple(people)


class Desk:
    """Customer service: shifts on working days, a token an hour, tickets and the members behind them."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        leave = [e.departed or "9999-01-01" for e in shop.employees[: shop.desk]]
        self._last = np.array([date.fromisoformat(day).toordinal() for day in leave])

    def day(self, day: int, wanted: float) -> tuple[Requests, Issuances]:
        """About `wanted` requests: of five, two are the queue, one a note, two show a member."""
        rng, shop = self._rng, self._shop
        today = shop.calendar.date_of(day)
        staff = np.flatnonzero(self._last > today.toordinal())
        if today.weekday() == 6 or not len(staff):
            return requests(np.empty(0, np.int64)), issuances(np.empty(0, np.int64))
        staff = staff[rng.random(len(staff)) < 0.8] if len(staff) > 2 else staff
        hours = np.arange(9, 18)
        shift = shop.calendar.start_of(day) + hours * HOUR
        issued = (shift[None, :] + rng.integers(0, 3 * MINUTE, (len(staff), 1))).ravel()
        token = shop.mint.take(len(issued))
        actor = STAFF - np.repeat(staff, len(hours))
        key = shop.keyring.at(issued)
        calls = rng.poisson(wanted / 5 / max(1, len(issued)), len(issued))
        made = np.repeat(np.arange(len(issued)), calls)
        begun = issued[made] + rng.integers(5 * SECOND, 50 * MINUTE, len(made))
        return self._calls(begun, token[made], actor[made], key[made]), issuances(
            issued, token=token, actor=actor, key=key
        )

    def _calls(self, begun: Ints, token: Ints, actor: Ints, key: npt.NDArray[np.int16]) -> Requests:
        """Each call: queue, the member (or a mistyped number), their orders, a note, the queue again."""
        rng, members, n = self._rng, self._shop.members, len(begun)
        who = popular(rng, len(members), n)
        # Nobody calls before they have joined: take an older member instead.
        who = np.where(members.since[who] + DAY < begun, who, who // 2)
        number = members.ids[who].copy()
        typo = rng.random(n) < 0.01
        number[typo] = number[typo] * 10 + 7  # a digit too many
        gone = ~members.active(who, begun)
        status = np.where(typo, 404, np.where(gone, 410, 200))
        member = {"argument": number, "status": status}
        ticket = 500_000 + rng.integers(0, 90_000, n)
        desk = {"token": token, "actor": actor, "key": key, "agent": DESK_AGENT, "address": OFFICE + 10}
        return join(
            [
                requests(begun, page=NUMBER["cs_queue"], argument=1, **desk),
                requests(begun + 20 * SECOND, page=NUMBER["cs_member"], **member, **desk),
                requests(begun + 45 * SECOND, page=NUMBER["cs_orders"], **member, **desk),
                requests(begun + 200 * SECOND, page=NUMBER["cs_ticket"], argument=ticket, **desk),
                requests(begun + 210 * SECOND, page=NUMBER["cs_queue"], argument=1, **desk),
            ]
        )


class Nightly:
    """The service that checks the stock and last night's parcels at half past two."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop

    def day(self, day: int, wanted: float) -> tuple[Requests, Issuances]:
        rng, shop = self._rng, self._shop
        begun = np.array([shop.calendar.start_of(day) + 150 * MINUTE])
        token, key, n = shop.mint.take(1), shop.keyring.at(begun), max(4, round(wanted))
        parcel = np.arange(n) % 4 == 3
        page = np.where(parcel, NUMBER["delivery"], NUMBER["stock"])
        argument = np.where(parcel, rng.integers(10**9, 10**10, n), rng.integers(10_000, 99_999, n))
        spacing = max(1, 40 * MINUTE // n)
        calls = requests(
            begun + SECOND + np.arange(n) * spacing, page=page, argument=argument, token=token[0],
            actor=NIGHTLY, key=key[0], agent=NIGHTLY_AGENT, address=OFFICE + 200,
        )  # fmt: skip
        return calls, issuances(begun, token=token, actor=NIGHTLY, key=key)
