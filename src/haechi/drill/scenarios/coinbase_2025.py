"""Bribed support agents look customers up by hand, over months, for somebody outside (published in May 2025)."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script, there, working_days
from haechi.drill.world.calendar import SECOND
from haechi.drill.world.columns import requests
from haechi.drill.world.desk import ADDRESS, call_times
from haechi.drill.world.pages import DESK_AGENT, NUMBER
from haechi.drill.world.shop import Shop

PERSONS = 69_461  # published
A_SHIFT = (25, 60)  # look-ups of a bribed agent on a day that they do it, beside the calls they take. Assumed


class Coinbase2025:
    """Two or more agents work through lists of customers between their calls: no ticket, no note, no queue."""

    name = "coinbase-2025"
    title = "Bribed support agents who look customers up by hand"
    source = "The company's notice to the attorney general of Maine, May 2025"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=60, accounts=9_700_000)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        victims = rng.permutation(there(shop))
        victims = victims[~np.isin(victims, shop.own_members())][: scaled(PERSONS, scale, 240)]
        days = working_days(shop, 0.35, 1.0)
        a_shift = int(rng.integers(*A_SHIFT))
        shifts = -(-len(victims) // a_shift)
        bribed = rng.permutation(shop.steady(shop.desk))[: max(2, -(-shifts // 12))]
        there_then = [
            (int(who), day) for who in bribed for day in days if who in shop.roster.on(day, shop.desk)
        ]
        chosen = rng.permutation(len(there_then))[:shifts]
        # What does not fit into the shifts that there are is not looked up.
        parts = []
        for turn, at in enumerate(chosen):
            who, day = there_then[at]
            mine = victims[turn * a_shift : (turn + 1) * a_shift]
            begun = call_times(rng, shop, day, len(mine)) + 7 * SECOND
            token = shop.badges.use(shop.actor(np.full(len(mine), who)), begun)
            parts.append(
                requests(
                    begun, page=NUMBER["cs_member"], argument=shop.members.ids[mine], bad=1, agent=DESK_AGENT,
                    address=ADDRESS, **token,
                )
            )  # fmt: skip
        accounts = sorted(shop.employees[int(who)].account for who in bribed)
        return script(("honest", "look-up"), shop.calendar, parts, actors=accounts)


SCENARIO = Coinbase2025()
