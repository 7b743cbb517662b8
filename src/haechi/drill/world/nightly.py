"""The service that checks the stock and last night's parcels at half past two."""

from __future__ import annotations

import numpy as np

from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import MINUTE, SECOND
from haechi.drill.world.columns import NIGHTLY, Requests, requests
from haechi.drill.world.pages import NIGHTLY_AGENT, NUMBER
from haechi.drill.world.shop import Shop


class Nightly:
    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop

    def day(self, day: int, wanted: float) -> Requests:
        rng, shop = self._rng, self._shop
        begun = np.array([shop.calendar.start_of(day) + 150 * MINUTE])
        token, n = shop.badges.issue(NIGHTLY, begun), max(4, round(wanted))
        parcel = np.arange(n) % 4 == 3
        page = np.where(parcel, NUMBER["delivery"], NUMBER["stock"])
        argument = np.where(parcel, rng.integers(10**9, 10**10, n), rng.integers(10_000, 99_999, n))
        spacing = max(1, 40 * MINUTE // n)
        return requests(
            begun + SECOND + np.arange(n) * spacing, page=page, argument=argument, token=token["token"][0],
            actor=NIGHTLY, key=token["key"][0], agent=NIGHTLY_AGENT, address=OFFICE + 200,
        )  # fmt: skip
