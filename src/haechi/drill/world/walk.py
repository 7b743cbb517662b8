"""How people move through the shop: from page to page, with pauses, until they leave.

All sessions of a day walk at the same time, a step a loop, so that the work is in arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world.calendar import HOUR, SECOND, Ints
from haechi.drill.world.pages import NUMBER

STEPS = 40  # at most, in one session
LONGEST = 10 * HOUR

# From page (row) to page, in percent; what is missing to 100 ends the session. Assumed, so that personal
# pages come to about a tenth of all requests.
_WALK: dict[str, dict[str, int]] = {
    "home": {"search": 30, "orders": 24, "product": 16, "profile": 8, "search_c": 6, "event": 4},
    "search": {"product": 66, "search": 10, "search_b": 6, "home": 6},
    "search_b": {"product": 66, "search_b": 10, "search_c": 6, "home": 6},
    "search_c": {"product": 66, "search_c": 10, "search": 6, "home": 6},
    "product": {"product": 34, "cart_add": 18, "search": 14, "search_b": 7, "home": 9},
    "event": {"product": 60, "home": 15},
    "cart_add": {"cart": 55, "product": 30},
    "cart": {"addresses": 58, "product": 24, "home": 6},
    "addresses": {"order_new": 62, "address_edit": 12, "cart": 8, "home": 6},
    "address_edit": {"addresses": 60, "cart": 10},
    "order_new": {"order": 50, "home": 20},
    "orders": {"order": 62, "home": 14, "product": 8},
    "order": {"orders": 30, "home": 20, "product": 8},
    "profile": {"addresses": 25, "orders": 20, "home": 30},
}
_MEMBERS_ONLY = ("order_new", "profile", "addresses", "address_edit", "orders", "order")
_NEEDS_MEMBER = np.array([name in _MEMBERS_ONLY for name in NUMBER])


def _table() -> npt.NDArray[np.float64]:
    """Cumulative chances: row = page, column = next page; beyond the last column the session ends."""
    chances = np.zeros((len(NUMBER), len(NUMBER)))
    for page, following in _WALK.items():
        for target, percent in following.items():
            chances[NUMBER[page], NUMBER[target]] = percent / 100
    return np.cumsum(chances, axis=1)


_TABLE = _table()


@dataclass(frozen=True)
class Walk:
    """The steps of sessions, by session and time: which session, when, which page, whether its first."""

    session: Ints
    time: Ints
    page: npt.NDArray[np.int16]
    first: npt.NDArray[np.bool_]


def walk(rng: np.random.Generator, start: Ints, known: npt.NDArray[np.bool_]) -> Walk:
    """One session from each start. Those not `known` (not logged in) end where only members may go."""
    session, time = np.arange(len(start)), start.copy()
    page = np.full(len(start), NUMBER["home"])
    steps: list[tuple[Ints, Ints, Ints]] = []
    for _ in range(STEPS):
        steps.append((session, time, page))
        following = (_TABLE[page] <= rng.random(len(page))[:, None]).sum(axis=1)
        time = time + _pauses(rng, len(page))
        goes_on = (following < len(NUMBER)) & (time < start[session] + LONGEST)
        goes_on[goes_on] &= known[session[goes_on]] | ~_NEEDS_MEMBER[following[goes_on]]
        session, time, page = session[goes_on], time[goes_on], following[goes_on]
        if not len(session):
            break
    sessions, times, pages = (np.concatenate(column) for column in zip(*steps, strict=True))
    order = np.lexsort((times, sessions))
    by_session = sessions[order]
    first = np.ones(len(by_session), dtype=bool)
    first[1:] = by_session[1:] != by_session[:-1]
    return Walk(by_session, times[order], pages[order].astype(np.int16), first)


def _pauses(rng: np.random.Generator, n: int) -> Ints:
    """Between two pages: some twenty seconds; now and then the phone is put away for an hour or two."""
    short = np.minimum(2 + rng.lognormal(2.7, 1.0, n), 1_200)
    seconds = np.where(rng.random(n) < 0.01, rng.uniform(1_200, 9_000, n), short)
    return (seconds * SECOND).astype(np.int64)
