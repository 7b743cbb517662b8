"""Delivery staff: the orders assigned to each for a day, and the labels that they look at on the way."""

from __future__ import annotations

import numpy as np

from haechi.drill.world.addresses import CARRIERS
from haechi.drill.world.calendar import DAY, MINUTE, SECOND
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.members import popular
from haechi.drill.world.pages import COURIER_AGENT, NUMBER
from haechi.drill.world.roster import SHIFT
from haechi.drill.world.shop import Shop

A_STOP = 3  # requests: the route, the label, done
USUAL = 20  # stops of a courier a day


class Dispatch:
    """Couriers and their stops. Orders are assigned on the evening before and closed the day after."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop

    def day(self, day: int, wanted: float) -> Requests:
        """A day's stops: the usual number each, or about `wanted` requests where agents have no usual number."""
        rng, shop = self._rng, self._shop
        staff, begin, end = shop.roster.shifts(day, shop.couriers)
        shop.reasons.add("shifts", employee=staff, start=begin, end=end)
        if not len(staff):
            return requests(np.empty(0, np.int64))
        each = USUAL if shop.calls is not None else wanted / A_STOP / len(staff)
        who = np.repeat(staff, rng.poisson(each, len(staff)))
        start, n = shop.calendar.start_of(day), len(who)
        time = start + SHIFT[0] + 10 * MINUTE + rng.integers(0, SHIFT[1] - SHIFT[0] - 20 * MINUTE, n)
        member = popular(rng, len(shop.members), n)
        there = shop.callable(member, time - 2 * DAY) & shop.callable(member, time)
        time, member, who = time[there], member[there], who[there]
        n = len(time)
        order = shop.reasons.numbers("order", n)
        shop.reasons.add(
            "orders", order=order, member_id=shop.members.ids[member], assigned_to=who,
            from_=np.full(n, start - 5 * 60 * MINUTE), to=np.full(n, start + DAY + 12 * 60 * MINUTE),
        )  # fmt: skip
        at_work = {
            **shop.badges.use(shop.actor(who), time),
            "agent": COURIER_AGENT,
            "address": CARRIERS + who % 4,
        }
        return join(
            [
                requests(time, page=NUMBER["route"], argument=day * 1000 + who, **at_work),
                requests(
                    time + 15 * SECOND, page=NUMBER["label"], argument=shop.members.ids[member], **at_work
                ),
                requests(time + 4 * MINUTE, page=NUMBER["delivered"], argument=order, **at_work),
            ]
        )
