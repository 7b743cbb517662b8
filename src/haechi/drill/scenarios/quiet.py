"""Ordinary days with a crawler, a month's end and a recall at once. Must stay silent."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios import call_storm, month_end, scraper
from haechi.drill.scenarios.ordinary import Scripted, ordinary, script
from haechi.drill.world.shop import Shop

_PARTS = (scraper.SCENARIO, month_end.SCENARIO, call_storm.SCENARIO)


class Quiet:
    """The three that must stay silent, in one world."""

    name = "quiet"
    title = "Thirty ordinary days: crawler, month's end and recall at once (must stay silent)"
    source = "Assumed"

    def setting(self, scale: float) -> Setting:
        # 32 days, so that there is a second month's first night.
        return ordinary(scale, days=32)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        return script(("honest",), shop.calendar, [part.stage(rng, shop, scale).asked for part in _PARTS])


SCENARIO = Quiet()
