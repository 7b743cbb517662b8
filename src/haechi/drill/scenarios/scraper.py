"""Price crawlers on public pages: very many requests, and no personal data. Must stay silent."""

from __future__ import annotations

import numpy as np

from haechi.drill.interface import Setting
from haechi.drill.scenarios.ordinary import Scripted, ordinary, scaled, script
from haechi.drill.world.addresses import SERVERS, rented
from haechi.drill.world.calendar import DAY
from haechi.drill.world.columns import requests
from haechi.drill.world.pages import CRAWLER_AGENT, NUMBER, WEB_AGENTS
from haechi.drill.world.shop import Shop

ITEMS = 900_000  # products in the shop
OPEN_A_DAY, HIDDEN_A_DAY = 2_000_000, 1_000_000  # requests at scale 1
HIDDEN_ADDRESSES = 60


class Scraper:
    """One crawler that says who it is, from three addresses; one that looks like a browser, from sixty."""

    name = "scraper"
    title = "A price crawler on public pages (must stay silent)"
    source = "Assumed; crawlers of this kind visit every shop"

    def setting(self, scale: float) -> Setting:
        return ordinary(scale, days=30)

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Scripted:
        days = shop.calendar.days
        open_n, hidden_n = scaled(OPEN_A_DAY, scale, 600) * days, scaled(HIDDEN_A_DAY, scale, 300) * days
        span = days * DAY
        walk = 10_000 + np.arange(open_n) % ITEMS  # in order, over and over
        crawled = requests(
            np.sort(shop.calendar.begin + rng.integers(0, span, open_n)),
            page=NUMBER["product"],
            argument=walk,
            status=np.where(rng.random(open_n) < 0.03, 404, 200),
            address=SERVERS + 200 + np.arange(open_n) % 3,
            agent=CRAWLER_AGENT,
        )
        pages = np.array([NUMBER["product"], NUMBER["search"], NUMBER["search_c"]])
        which = pages[rng.choice(3, hidden_n, p=[0.8, 0.1, 0.1])]
        product = 10_000 + rng.integers(0, ITEMS, hidden_n)
        hidden = requests(
            shop.calendar.begin + rng.integers(0, span, hidden_n),
            page=which,
            argument=np.where(which == NUMBER["product"], product, rng.integers(1, 60, hidden_n)),
            address=rng.choice(rented(rng, HIDDEN_ADDRESSES), hidden_n),
            agent=WEB_AGENTS.start + 1,
        )
        return script(("honest",), shop.calendar, [crawled, hidden])


SCENARIO = Scraper()
