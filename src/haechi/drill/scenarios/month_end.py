"""A legitimate batch job reads every member in one night a month, as declared. Must stay silent."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, script
from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import HOUR, MINUTE
from haechi.drill.world.columns import STATEMENTS, Requests, requests
from haechi.drill.world.pages import NUMBER, STATEMENT_AGENT
from haechi.drill.world.shop import Shop


class MonthEnd:
    """In the first night of each month the statement service reads all members, in order of their ids."""

    name = "month-end"
    title = "A declared batch job that reads every member (must stay silent)"
    source = "Assumed; billing runs of this kind are everywhere"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=35)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        nights = [day for day in range(shop.calendar.days) if shop.calendar.date_of(day).day == 1]
        return script(("honest",), shop.calendar, [_night(shop, day) for day in nights])


def _night(shop: Shop, day: int) -> Requests:
    """From ten past one until the last member is done, at most by four; declared until five."""
    begin = shop.calendar.start_of(day) + HOUR + 10 * MINUTE
    everybody = np.arange(len(shop.members))
    who = everybody[shop.members.active(everybody, np.full(len(everybody), begin))]
    time = begin + np.arange(len(who)) * min(40_000, 170 * MINUTE // max(1, len(who)))
    return requests(
        time,
        page=NUMBER["statement"],
        argument=shop.members.ids[who],
        agent=STATEMENT_AGENT,
        address=OFFICE + 201,
        **shop.badges.use(STATEMENTS, time),
    )


SCENARIO = MonthEnd()
