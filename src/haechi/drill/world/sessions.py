"""What members and passers-by do all day: sessions of pages, with logins, refreshes, assets and mishaps.

A session is a walk over the shop's pages. All sessions of a day walk at the same time, one step a loop, so that
the work is in arrays. Personal pages come to about a tenth of all requests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world import addresses
from haechi.drill.world.calendar import HOUR, MINUTE, SECOND, Ints, times_of_day
from haechi.drill.world.columns import Issuances, Requests, issuances, join, requests
from haechi.drill.world.members import popular
from haechi.drill.world.pages import APP_AGENTS, NUMBER, WEB_AGENTS
from haechi.drill.world.shop import TOKEN_LIFE, Shop

STEPS = 40  # at most, in one session
MEAN_REQUESTS = 14.5  # a session's requests, all told; only steers how many sessions are begun
LIFE = TOKEN_LIFE * SECOND
RENEW = 55 * MINUTE  # clients ask for a new token a little before the old one ends

# From page (row) to page (column), in percent; what is missing to 100 ends the session.
_WALK: dict[str, dict[str, int]] = {
    "home": {"orders": 24, "search": 30, "product": 16, "profile": 8, "search_c": 6, "event": 4},
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
_ASSETS = {"home": 1.2, "search": 0.9, "search_b": 0.9, "search_c": 0.9, "product": 0.8, "event": 1.0}
_MEMBERS_ONLY = ("order_new", "profile", "addresses", "address_edit", "orders", "order")


def _walk_table() -> npt.NDArray[np.float64]:
    """Cumulative chances: row = page, column = next page; beyond the last column the session ends."""
    chances = np.zeros((len(NUMBER), len(NUMBER)))
    for page, following in _WALK.items():
        for target, percent in following.items():
            chances[NUMBER[page], NUMBER[target]] = percent / 100
    return np.cumsum(chances, axis=1)


_TABLE = _walk_table()
_ASSET_RATE = np.array([_ASSETS.get(name, 0.0) for name in NUMBER])
_NEEDS_MEMBER = np.array([name in _MEMBERS_ONLY for name in NUMBER])


@dataclass(frozen=True)
class _Walk:
    """The steps of a day's sessions, flat: which session, when, which page. Sorted by session, then time."""

    session: Ints
    time: Ints
    page: npt.NDArray[np.int16]


class Sessions:
    """Member traffic, day by day. Keeps each member's last token, for apps that come back with an old one."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        self._last_token = np.full(len(shop.members), -1, dtype=np.int64)
        self._last_issued = np.zeros(len(shop.members), dtype=np.int64)

    def day(self, day: int, wanted: float) -> tuple[Requests, Issuances]:
        """About `wanted` requests of sessions that begin on this day (they may end on the next)."""
        rng, calendar = self._rng, self._shop.calendar
        n = max(1, round(wanted / MEAN_REQUESTS))
        weekend = calendar.date_of(day).weekday() >= 5
        start = calendar.start_of(day) + times_of_day(rng, n, weekend)
        start = np.concatenate([start, self._night_owls(day)])
        member = popular(rng, len(self._shop.members), len(start))
        there = self._shop.members.active(member, start)
        return self._play(day, member[there], start[there])

    def _night_owls(self, day: int) -> Ints:
        """A few sessions in every maintenance night, so that the backup key is honestly used at any scale."""
        begin = self._shop.calendar.start_of(day)
        extra = max(12, len(self._shop.members) // 20_000)
        nights = [n for n in self._shop.keyring.nights if begin <= n[0] < begin + 24 * HOUR]
        return np.concatenate(
            [np.empty(0, np.int64), *(self._rng.integers(a + MINUTE, b - HOUR, extra) for a, b in nights)]
        )

    def _play(self, day: int, member: Ints, start: Ints) -> tuple[Requests, Issuances]:
        rng, size, n = self._rng, len(self._shop.members), len(member)
        known = rng.random(n) < 0.7  # the rest never log in
        app = rng.random(n) < 0.6
        mobile = rng.random(n) < np.where(app, 0.6, 0.15)
        address = np.where(mobile, addresses.carrier(member, size, day), addresses.home(member, size, day))
        agent = np.where(app, _pick(member, APP_AGENTS), _pick(member * 7, WEB_AGENTS))
        walk = self._walk(start, known)
        token, issued, made = self._tokens(walk, member, known)
        s = walk.session
        by_member = token >= 0
        steps = requests(
            walk.time, page=walk.page, address=address[s], agent=agent[s], token=token,
            argument=self._arguments(walk.page, member[s]),
            actor=np.where(by_member, self._shop.members.ids[member[s]], -1),
            key=np.where(by_member, self._shop.keyring.at(issued), 0),
        )  # fmt: skip
        steps = self._mishaps(steps)
        extra = [self._assets(steps), *self._entries(steps, walk, token, issued, made, member)]
        return join([steps, *extra]), issuances(
            issued[made], token=token[made], actor=steps["actor"][made], key=steps["key"][made]
        )

    def _walk(self, start: Ints, known: npt.NDArray[np.bool_]) -> _Walk:
        rng, n = self._rng, len(start)
        alive, time, page = np.arange(n), start.copy(), np.zeros(n, dtype=np.int64)
        kept: list[tuple[Ints, Ints, Ints]] = []
        for _ in range(STEPS):
            kept.append((alive, time, page))
            draw = rng.random(len(alive))
            following = (_TABLE[page] <= draw[:, None]).sum(axis=1)
            goes_on = following < len(NUMBER)
            goes_on[goes_on] &= known[alive[goes_on]] | ~_NEEDS_MEMBER[following[goes_on]]
            pause = 2 + rng.lognormal(2.7, 1.0, len(alive))
            pause = np.where(rng.random(len(alive)) < 0.01, rng.uniform(1_200, 9_000, len(alive)), pause)
            time = (time + np.minimum(pause, 9_000) * SECOND).astype(np.int64)
            goes_on &= time < start[alive] + 10 * HOUR
            time = time[goes_on]
            alive, page = alive[goes_on], following[goes_on]
            if not len(alive):
                break
        session, times, pages = (np.concatenate(column) for column in zip(*kept, strict=True))
        order = np.lexsort((times, session))
        return _Walk(session[order], times[order], pages[order].astype(np.int16))

    def _tokens(
        self, walk: _Walk, member: Ints, known: npt.NDArray[np.bool_]
    ) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
        """For each step: its token (-1 for none), when that was issued, and whether it was made for this step."""
        first = np.r_[True, walk.session[1:] != walk.session[:-1]]
        begun = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
        slot = (walk.time - walk.time[begun]) // RENEW
        made = first | np.r_[True, slot[1:] != slot[:-1]]
        logged = known[walk.session]
        made &= logged
        serial = self._shop.mint.take(int(made.sum()))
        token = np.full(len(made), -1, dtype=np.int64)
        issued = np.zeros(len(made), dtype=np.int64)
        if len(serial):
            which = np.cumsum(made) - 1
            token[logged] = serial[which[logged]]
            issued[logged] = (walk.time[made] - 150_000)[which[logged]]
        return token, issued, made

    def _entries(
        self,
        steps: Requests,
        walk: _Walk,
        token: Ints,
        issued: Ints,
        made: npt.NDArray[np.bool_],
        member: Ints,
    ) -> list[Requests]:
        """Logins, refreshes, and the refusals of expired tokens that lead to them."""
        rng = self._rng
        at = np.flatnonzero(made)
        who = member[walk.session[at]]
        first = np.r_[True, walk.session[1:] != walk.session[:-1]][at] if len(at) else np.empty(0, bool)
        remembered = first & (rng.random(len(at)) < 0.5) & (self._last_token[who] >= 0)
        old_token = np.where(first, self._last_token[who], token[at - 1])
        old_issued = np.where(first, self._last_issued[who], issued[at - 1])
        expired = (old_issued + LIFE < walk.time[at] - SECOND) & (~first | remembered)
        np.maximum.at(self._last_issued, who, issued[at])
        newest = self._last_issued[who] == issued[at]
        self._last_token[who[newest]] = token[at][newest]
        login = first & ~remembered
        wrong = at[login & (rng.random(len(at)) < 0.06)]
        page = np.where(login, NUMBER["login"], NUMBER["refresh"])
        return [
            _again(steps, at, -200_000, page=page, status=200),
            _again(steps, wrong, -9 * SECOND, page=NUMBER["login"], status=401),
            _again(
                steps, at[expired], -600_000, page=steps["page"][at[expired]], status=401, token=old_token[expired],
                argument=steps["argument"][at[expired]], actor=steps["actor"][at[expired]], key=self._shop.keyring.at(old_issued[expired]),
            ),
        ]  # fmt: skip

    def _assets(self, steps: Requests) -> Requests:
        """Images that come with a page; asked for without the token."""
        count = self._rng.poisson(_ASSET_RATE[steps["page"]])
        parent = np.repeat(np.arange(len(steps)), count)
        delay = self._rng.integers(30_000, 900_000, len(parent))
        image = self._rng.integers(1, 200_000, len(parent))
        return requests(
            steps["time"][parent] + delay, page=NUMBER["asset"], argument=image,
            address=steps["address"][parent], agent=steps["agent"][parent],
        )  # fmt: skip

    def _arguments(self, page: npt.NDArray[np.int16], member: Ints) -> Ints:
        rng, n = self._rng, len(page)
        product = 10_000 + (rng.random(n) ** 3 * 900_000).astype(np.int64)  # a few are looked at by many
        choices = {
            "product": product,
            "event": rng.integers(1, 60, n),
            "address_edit": member * 4 % 9_000_011 + rng.integers(1, 4, n),
            "order": member * 16 % 90_000_049 + rng.integers(1, 12, n),
        }
        argument = np.full(n, -1, dtype=np.int64)
        for name, value in choices.items():
            argument = np.where(page == NUMBER[name], value, argument)
        search = (page >= NUMBER["search"]) & (page <= NUMBER["search_c"])
        return np.where(search, rng.integers(1, 5, n), argument)

    def _mishaps(self, steps: Requests) -> Requests:
        """Products and orders that are gone (404), and a server that stumbles (502)."""
        draw = self._rng.random(len(steps))
        gone = (draw < 0.006) & np.isin(steps["page"], [NUMBER["product"], NUMBER["order"], NUMBER["event"]])
        status = np.where(gone, 404, np.where(draw > 0.9997, 502, steps["status"])).astype(np.int16)
        return Requests({**steps.of, "status": status})


def _pick(member: Ints, agents: range) -> Ints:
    """A member's own device: the first of the list are the most common."""
    draw = (member * 2_654_435_761 % 1_000_003) / 1_000_003
    return np.asarray(agents.start + (draw**2 * len(agents)).astype(np.int64))


def _again(steps: Requests, at: Ints, shift: int, **columns: object) -> Requests:
    """Requests from where these steps came from, a little earlier; without a token unless given."""
    return requests(
        steps["time"][at] + shift, address=steps["address"][at], agent=steps["agent"][at], **columns
    )
