"""A product recall makes support look up ten times as many people as usual, each with a ticket. Must stay silent."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, script, there, working_days
from haechi.drill.world.desk import call_times, calls
from haechi.drill.world.reasons import TOPICS
from haechi.drill.world.shop import Shop

TIMES = 9  # as many calls again as the desk takes on an ordinary day
DAYS = 3
_USUAL = 12.0


class CallStorm:
    """On three days nearly everybody at the desk takes call after call about one product."""

    name = "call-storm"
    title = "A recall: ten times as many calls, each with a ticket (must stay silent)"
    source = "Assumed"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=30)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        parts = []
        callers = there(shop)
        for day in working_days(shop, 0.6, 1.0)[:DAYS]:
            staff = shop.roster.on(day, shop.desk)
            agent = np.repeat(staff, rng.poisson(TIMES * (shop.calls or _USUAL), len(staff)))
            begun = call_times(rng, shop, day, len(agent))
            member = rng.choice(callers, len(agent))
            parts.append(calls(rng, shop, agent, begun, member, topic=TOPICS.index("Product recall")))
        return script(("honest",), shop.calendar, parts)


SCENARIO = CallStorm()
