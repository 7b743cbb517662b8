"""The data team: dashboards all day, and now and then an export that somebody approved."""

from __future__ import annotations

import numpy as np

from haechi.drill.world.addresses import OFFICE
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.pages import DATA_AGENT, EXPORTED, NUMBER, PAGES
from haechi.drill.world.reasons import PURPOSES
from haechi.drill.world.roster import SHIFT
from haechi.drill.world.shop import Shop

EXPORTS = 0.15  # exports of an analyst a day
IN_AN_EXPORT = 0.02  # share of all members
BOARDS = 12  # dashboards that an analyst opens a day


class Analysts:
    """Analysts, and the approvals of their exports."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        self._number = 2_000

    def day(self, day: int) -> Requests:
        rng, shop = self._rng, self._shop
        staff, begin, end = shop.roster.shifts(day, shop.analysts)
        shop.reasons.add("shifts", employee=staff, start=begin, end=end)
        who = np.repeat(staff, rng.poisson(BOARDS, len(staff)))
        start = shop.calendar.start_of(day)
        time = start + SHIFT[0] + 5 * MINUTE + rng.integers(0, SHIFT[1] - SHIFT[0] - HOUR, len(who))
        at_work = {**shop.badges.use(shop.actor(who), time), "agent": DATA_AGENT, "address": OFFICE + 30}
        boards = requests(time, page=NUMBER["dashboard"], argument=rng.integers(1, 40, len(who)), **at_work)
        approved = rng.random(len(who)) < EXPORTS / BOARDS
        return join([boards, self._exports(boards.take(approved), who[approved])])

    def _exports(self, boards: Requests, who: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Requests:
        """Exports a while after looking at a board, each under an approval that names the file."""
        rng, shop, n = self._rng, self._shop, len(boards)
        number = self._number + np.arange(n)
        self._number += n
        time = boards["time"] + 5 * MINUTE
        page = PAGES[NUMBER["export"]]
        paths = [f"{page.prefix}{one}{page.suffix}" for one in number]
        size = max(5, round(len(shop.members) * IN_AN_EXPORT))
        for path, at in zip(paths, time, strict=True):
            some = rng.choice(len(shop.members), size, replace=False)
            shop.documents.add(path, shop.members.ids[some[shop.callable(some, np.full(size, at))]], EXPORTED)
        shop.reasons.add(
            "approvals",
            approval=shop.reasons.numbers("approval", n),
            who=who,
            what=np.full(n, page.template, dtype=object),
            approved_by=np.full(n, shop.crews.size),
            from_=time // DAY * DAY - 2 * DAY,
            to=time // DAY * DAY + 5 * DAY,
            purpose=rng.integers(0, len(PURPOSES), n),
        )
        token = {name: boards[name] for name in ("token", "actor", "key", "agent", "address")}
        return requests(time + SECOND, page=NUMBER["export"], argument=number, bytes=size * 70, **token)
