"""What members and passers-by do all day: sessions of pages, with logins, refreshes, images and mishaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world import addresses
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, SECOND, Ints, times_of_day
from haechi.drill.world.columns import NOBODY, Issuances, Requests, issuances, join, requests
from haechi.drill.world.keys import TOKEN_LIFE
from haechi.drill.world.members import popular
from haechi.drill.world.pages import APP_AGENTS, NUMBER, WEB_AGENTS
from haechi.drill.world.shop import Shop
from haechi.drill.world.walk import Walk, walk

MEAN_REQUESTS = 11.0  # a session's requests, all told; only steers how many sessions are begun
LIFE = TOKEN_LIFE * SECOND
RENEW = 55 * MINUTE  # clients ask for a new token a little before the old one ends

_IMAGES = {
    "home": 1.2,
    "search": 0.9,
    "search_b": 0.9,
    "search_c": 0.9,
    "product": 0.8,
    "event": 1.0,
}  # a view
_IMAGE_RATE = np.array([_IMAGES.get(name, 0.0) for name in NUMBER])


@dataclass(frozen=True)
class _Tokens:
    """For each step: its token (-1 for none), when that was issued, and whether it was made for this step."""

    token: Ints
    issued: Ints
    made: npt.NDArray[np.bool_]


class Sessions:
    """Member traffic, day by day. Keeps each member's last token, for apps that come back with an old one."""

    def __init__(self, rng: np.random.Generator, shop: Shop) -> None:
        self._rng, self._shop = rng, shop
        self._last_token = np.full(len(shop.members), -1, dtype=np.int64)
        self._last_issued = np.zeros(len(shop.members), dtype=np.int64)

    def day(self, day: int, wanted: float) -> tuple[Requests, Issuances]:
        """About `wanted` requests of sessions that begin on this day (they may end on the next)."""
        rng, calendar = self._rng, self._shop.calendar
        weekend = calendar.date_of(day).weekday() >= 5
        usual = times_of_day(rng, round(wanted / MEAN_REQUESTS), weekend)
        start = np.concatenate([calendar.start_of(day) + usual, *self._night_owls(day)])
        member = popular(rng, len(self._shop.members), len(start))
        # A canary is nobody: it never visits.
        there = self._shop.callable(member, start)
        return self._play(day, member[there], start[there])

    def _night_owls(self, day: int) -> list[Ints]:
        """A few sessions in every maintenance night, so that the backup key is honestly used at any scale."""
        begin = self._shop.calendar.start_of(day)
        extra = max(12, len(self._shop.members) // 20_000)
        nights = [night for night in self._shop.keyring.nights if begin <= night[0] < begin + DAY]
        return [self._rng.integers(since + MINUTE, until - HOUR, extra) for since, until in nights]

    def _play(self, day: int, member: Ints, start: Ints) -> tuple[Requests, Issuances]:
        rng, size, n = self._rng, len(self._shop.members), len(member)
        known = rng.random(n) < 0.7  # the rest never log in
        app = rng.random(n) < 0.6
        mobile = rng.random(n) < np.where(app, 0.6, 0.15)
        address = np.where(
            mobile, addresses.carrier(member, size, day, self._shop.nat), addresses.home(member, size, day)
        )
        agent = np.where(app, _device(member, APP_AGENTS), _device(member * 7, WEB_AGENTS))
        path = walk(rng, start, known)
        tokens = self._tokens(path, known)
        who = member[path.session]
        steps = requests(
            path.time,
            page=path.page,
            argument=self._arguments(path.page, who),
            status=self._statuses(path.page),
            address=address[path.session],
            agent=agent[path.session],
            token=tokens.token,
            actor=np.where(tokens.token >= 0, self._shop.members.ids[who], NOBODY),
            key=self._shop.keyring.at(tokens.issued),
        )
        made = steps.take(tokens.made)
        new = issuances(tokens.issued[tokens.made], token=made["token"], actor=made["actor"], key=made["key"])
        return join([steps, self._images(steps), *self._entries(steps, path.first, tokens, who)]), new

    def _tokens(self, path: Walk, known: npt.NDArray[np.bool_]) -> _Tokens:
        """Members get a token with their first page, and another whenever the old one is about to end."""
        places = np.arange(len(path.time))
        begun = path.time[np.maximum.accumulate(np.where(path.first, places, 0))]
        slot = (path.time - begun) // RENEW
        by_member = known[path.session]
        made = by_member & (path.first | (slot != np.concatenate([slot[:1], slot[:-1]])))
        token = np.full(len(made), -1, dtype=np.int64)
        issued = np.zeros(len(made), dtype=np.int64)
        which = np.cumsum(made)[by_member] - 1
        token[by_member] = self._shop.mint.take(int(made.sum()))[which]
        issued[by_member] = (path.time[made] - 150_000)[which]
        return _Tokens(token, issued, made)

    def _entries(
        self, steps: Requests, first: npt.NDArray[np.bool_], tokens: _Tokens, who: Ints
    ) -> list[Requests]:
        """Logins, refreshes, wrong passwords, and the refusals of expired tokens that lead to a refresh."""
        rng = self._rng
        at = np.flatnonzero(tokens.made)
        opens, member, made = first[at], who[at], steps.take(at)
        remembered = opens & (rng.random(len(at)) < 0.5) & (self._last_token[member] >= 0)
        old_token = np.where(opens, self._last_token[member], tokens.token[at - 1])
        old_issued = np.where(opens, self._last_issued[member], tokens.issued[at - 1])
        expired = (old_issued + LIFE < made["time"] - SECOND) & (~opens | remembered)
        self._remember(member, tokens.token[at], tokens.issued[at])
        login = opens & ~remembered
        wrong = login & (rng.random(len(at)) < 0.06)
        stale = made.take(expired)
        return [
            _before(made, 200_000, page=np.where(login, NUMBER["login"], NUMBER["refresh"])),
            _before(made.take(wrong), 9 * SECOND, page=NUMBER["login"], status=401),
            _before(
                stale,
                600_000,
                page=stale["page"],
                argument=stale["argument"],
                status=401,
                token=old_token[expired],
                actor=stale["actor"],
                key=self._shop.keyring.at(old_issued[expired]),
            ),
        ]

    def _remember(self, member: Ints, token: Ints, issued: Ints) -> None:
        np.maximum.at(self._last_issued, member, issued)
        newest = self._last_issued[member] == issued
        self._last_token[member[newest]] = token[newest]

    def _images(self, steps: Requests) -> Requests:
        """Images that come with a page; asked for without the token."""
        rng = self._rng
        page = steps.take(np.repeat(np.arange(len(steps)), rng.poisson(_IMAGE_RATE[steps["page"]])))
        time = page["time"] + rng.integers(30_000, 900_000, len(page))
        image = rng.integers(1, 200_000, len(page))
        return requests(
            time, page=NUMBER["asset"], argument=image, address=page["address"], agent=page["agent"]
        )

    def _arguments(self, page: npt.NDArray[np.int16], member: Ints) -> Ints:
        """The number in each URI. Own orders and own address entries are a member's alone."""
        rng, n = self._rng, len(page)
        by_page = {
            "search": rng.integers(1, 5, n),
            "search_b": rng.integers(1, 5, n),
            "search_c": rng.integers(1, 5, n),
            "product": 10_000
            + (rng.random(n) ** 3 * 900_000).astype(np.int64),  # a few are looked at by many
            "event": rng.integers(1, 60, n),
            "address_edit": member * 4 + rng.integers(1, 4, n),
            "order": member * 16 + rng.integers(1, 12, n),
        }
        argument = np.full(n, -1, dtype=np.int64)
        for name, value in by_page.items():
            argument = np.where(page == NUMBER[name], value, argument)
        return argument

    def _statuses(self, page: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        """Products and orders that are gone (404), and a server that stumbles (502)."""
        draw = self._rng.random(len(page))
        goes = np.isin(page, [NUMBER["product"], NUMBER["order"], NUMBER["event"]])
        return np.where(goes & (draw < 0.006), 404, np.where(draw > 0.9997, 502, 200)).astype(np.int16)


def _device(member: Ints, agents: range) -> Ints:
    """A member's own device: the first of the list are the most common."""
    draw = (member * 2_654_435_761 % 1_000_003) / 1_000_003
    return np.asarray(agents.start + (draw**2 * len(agents)).astype(np.int64))


def _before(made: Requests, early: int, **columns: object) -> Requests:
    """Requests from where these came from, `early` microseconds before; without a token unless given."""
    return requests(made["time"] - early, address=made["address"], agent=made["agent"], **columns)
