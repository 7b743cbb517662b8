"""A carrier that has one address for all its customers: each of them is seen behind it at least once."""

from __future__ import annotations

import numpy as np

from haechi.drill.world import addresses
from haechi.drill.world.calendar import SECOND, times_of_day
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.pages import APP_AGENTS, NUMBER
from haechi.drill.world.shop import Shop

_VISIT = (
    "home",
    "search",
    "product",
    "orders",
    "profile",
)  # seconds apart; the last two are the member's own
_OWN = 3


class Carrier:
    """A short visit of each member behind the address, spread over the days; besides their usual sessions."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        size = len(shop.members)
        behind = np.flatnonzero(addresses.behind_nat(np.arange(size), size, shop.nat))
        there = shop.members.since[behind] < shop.calendar.begin
        self._who = rng.permutation(behind[there])

    def day(self, day: int) -> Requests:
        shop, rng = self._shop, self._rng
        who = self._who[day :: shop.calendar.days]
        weekend = shop.calendar.date_of(day).weekday() >= 5
        time = shop.calendar.start_of(day) + times_of_day(rng, len(who), weekend)
        there = shop.callable(who, time)
        who, time = who[there], time[there]
        device = {"address": addresses.ONE_CARRIER, "agent": APP_AGENTS.start + who % len(APP_AGENTS)}
        token = shop.badges.issue(shop.members.ids[who], time)
        visit = [requests(time - 200_000, page=NUMBER["login"], **device)]
        for step, page in enumerate(_VISIT):
            own = token if step >= _OWN else {}
            argument = 10_000 + who % 5_000 if page == "product" else (1 if page == "search" else -1)
            visit.append(
                requests(
                    time + (1 + 20 * step) * SECOND, page=NUMBER[page], argument=argument, **device, **own
                )
            )
        return join(visit)
