"""Staff look up a celebrity, colleagues, neighbours and former partners, out of curiosity."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, there, working_days
from haechi.drill.world.calendar import SECOND, Ints
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.desk import ADDRESS, call_times
from haechi.drill.world.pages import DESK_AGENT, NUMBER
from haechi.drill.world.shop import Shop

PHASES = ("honest", "celebrity", "colleague", "private")
CELEBRITY, COLLEAGUE, PRIVATE = range(1, 4)
CURIOUS = 400  # staff who look at the celebrity, at scale 1
COLLEAGUES = 150  # pairs of somebody and a colleague whom they look up, at scale 1
PAIRS = 200  # pairs of somebody and an acquaintance, at scale 1


class Snooping:
    """Look-ups without a call, a ticket or a note, between honest ones."""

    name = "snooping"
    title = "Staff who look up a celebrity, colleagues and acquaintances"
    source = "Assumed after many published cases at hospitals, carriers and public registers"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=45)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        staff, strangers = shop.steady(shop.desk), rng.permutation(there(shop))
        own = shop.own_members()
        everybody = np.arange(len(own))
        # Which member account is whose is known, since staff get a discount.
        shop.reasons.add(
            "relations",
            employee=everybody,
            member_id=shop.members.ids[own],
            relation=np.zeros_like(everybody),
        )
        known = rng.permutation(
            np.setdiff1d(own, own[staff])
        )  # colleagues who are no customers of the desk's own
        strangers = strangers[~np.isin(strangers, own)]
        days = working_days(shop, 0.3, 1.0)
        return script(
            PHASES,
            shop.calendar,
            [
                _celebrity(rng, shop, staff, strangers[0], days, scale),
                _colleagues(rng, shop, staff, known, days, scale),
                _acquaintances(rng, shop, staff, strangers[1:], days, scale),
            ],
            celebrity=str(shop.members.ids[strangers[0]]),
        )


SCENARIO = Snooping()


def _celebrity(
    rng: np.random.Generator, shop: Shop, staff: Ints, member: int, days: list[int], scale: float
) -> Requests:
    """On the days of the news half the desk has a look, some of them twice."""
    n = min(len(staff) * 3 // 4, scaled(CURIOUS, scale, 8))
    who = np.repeat(rng.permutation(staff)[:n], rng.integers(1, 3, n))
    on = rng.choice(days[4:8], len(who))
    return _look(rng, shop, CELEBRITY, who, np.full(len(who), member), on, days[4:8])


def _colleagues(
    rng: np.random.Generator, shop: Shop, staff: Ints, known: Ints, days: list[int], scale: float
) -> Requests:
    n = min(len(known), scaled(COLLEAGUES, scale, 10))
    nosy = rng.permutation(staff)[: max(3, n // 5)]
    again = rng.integers(1, 4, n)
    who, member = np.repeat(rng.choice(nosy, n), again), np.repeat(known[:n], again)
    return _look(rng, shop, COLLEAGUE, who, member, rng.choice(days, len(who)), days)


def _acquaintances(
    rng: np.random.Generator, shop: Shop, staff: Ints, strangers: Ints, days: list[int], scale: float
) -> Requests:
    """Somebody's former partner or neighbour, again and again over weeks: where do they order to?"""
    n = scaled(PAIRS, scale, 6)
    again = rng.integers(5, 12, n)
    who, member = np.repeat(rng.choice(staff, n), again), np.repeat(strangers[:n], again)
    return _look(rng, shop, PRIVATE, who, member, rng.choice(days, len(who)), days)


def _look(
    rng: np.random.Generator, shop: Shop, phase: int, who: Ints, member: Ints, day: Ints, days: list[int]
) -> Requests:
    """The member, and half of the time the orders; within these days on one on which the person works."""
    day = np.array([_on(rng, shop, int(w), int(d), days) for w, d in zip(who, day, strict=True)])
    begun = np.concatenate([call_times(rng, shop, int(d), 1) for d in day])
    desk = {**shop.badges.use(shop.actor(who), begun), "agent": DESK_AGENT, "address": ADDRESS, "bad": phase}
    number = shop.members.ids[member]
    orders = rng.random(len(who)) < 0.5
    return join(
        [
            requests(begun, page=NUMBER["cs_member"], argument=number, **desk),
            requests(begun + 25 * SECOND, page=NUMBER["cs_orders"], argument=number, **desk).take(orders),
        ]
    )


def _on(rng: np.random.Generator, shop: Shop, who: int, day: int, days: list[int]) -> int:
    """This day if the person works then, else another of the days on which they do, if there is one."""
    usual = [one for one in days if who in shop.roster.on(one, shop.desk)]
    return int(day if day in usual or not usual else rng.choice(usual))
