"""Members who join and members who withdraw while the records run."""

from __future__ import annotations

import numpy as np

from haechi.drill.world import addresses
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, NEVER, SECOND, Ints
from haechi.drill.world.columns import Issuances, Requests, issuances, join, requests
from haechi.drill.world.pages import APP_AGENTS, NUMBER
from haechi.drill.world.shop import Shop


class Comings:
    """A sign-up for each new member; for who withdraws a last visit, and at times a refused one."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        members = shop.members
        joined = np.flatnonzero(members.since >= shop.calendar.begin)
        left = np.flatnonzero((members.withdrawn >= shop.calendar.begin) & (members.withdrawn != NEVER))
        self._joined = joined[np.argsort(members.since[joined], kind="stable")]
        self._left = left[np.argsort(members.withdrawn[left], kind="stable")]

    def day(self, day: int) -> tuple[Requests, Issuances]:
        begin = self._shop.calendar.start_of(day)
        joined = _within(self._joined, self._shop.members.since, begin)
        left = _within(self._left, self._shop.members.withdrawn, begin)
        arrivals = requests(
            self._shop.members.since[joined] - 40_000, page=NUMBER["join"], status=201,
            **self._device(joined, day),
        )  # fmt: skip
        visits, made = self._last_visits(left, day)
        return join([arrivals, visits]), made

    def _last_visits(self, left: Ints, day: int) -> tuple[Requests, Issuances]:
        """Log in, look at the profile, withdraw. The app may try its old token later, and is refused."""
        shop, rng = self._shop, self._rng
        end = shop.members.withdrawn[left]
        begun = end - 3 * MINUTE
        token, key = shop.mint.take(len(left)), shop.keyring.at(begun)
        device = self._device(left, day)
        known = {"token": token, "actor": shop.members.ids[left], "key": key}
        later = end + rng.integers(5 * HOUR, 60 * HOUR, len(left))
        tries = rng.random(len(left)) < 0.3
        visits = [
            requests(begun - 200_000, page=NUMBER["login"], **device),
            requests(begun + SECOND, page=NUMBER["profile"], **device, **known),
            requests(end - 100_000, page=NUMBER["leave"], **device, **known),
            requests(later, page=NUMBER["orders"], status=401, **device, **known).take(tries),
        ]
        return join(visits), issuances(begun, **known)

    def _device(self, who: Ints, day: int) -> dict[str, Ints]:
        agent = APP_AGENTS.start + who % len(APP_AGENTS)
        return {"address": addresses.home(who, len(self._shop.members), day), "agent": agent}


def _within(which: Ints, time: Ints, begin: int) -> Ints:
    """Those of `which` (sorted by their time) whose time is in the day that begins then."""
    times = time[which]
    return which[np.searchsorted(times, begin) : np.searchsorted(times, begin + DAY)]
