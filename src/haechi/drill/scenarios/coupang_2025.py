"""Tokens forged with a leaver's signing key: seven months of quiet crawling at a shop (published in 2026).

Numbers marked [M] are from the ministry's joint investigation (2026-02-10), [P] from the privacy commission
(2026-06-11), [C] from the company; the rest are assumptions of this drill. `docs/drills.md` tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.drill.interface import Setting
from haechi.drill.world.addresses import SERVERS, rented
from haechi.drill.world.calendar import DAY, HOUR, MINUTE, Calendar, Ints, kst
from haechi.drill.world.columns import Requests, join, requests
from haechi.drill.world.keys import Key
from haechi.drill.world.pages import NUMBER, SPARE_AGENT
from haechi.drill.world.people import Crews, Employee
from haechi.drill.world.shop import Shop

ACCOUNTS = 34_500_000  # in the registry: those shown, those who joined later, and a few the crawl missed
PROFILES = 33_673_817  # [M] accounts whose profile page was shown, once each
ADDRESS_ONLY = 165_455  # [M][C] accounts shown on address pages alone
ADDRESS_VIEWS = 148_056_502  # [M]
EDIT_VIEWS, EDIT_ACCOUNTS = 50_474, 2_609  # [M], [C]
ORDER_VIEWS = 102_682  # [M]
GHOSTS = 44_000_000  # [P] tokens naming members who do not exist
SPARE_IDS = 1_500_000  # ids that nobody had and that were not tried either
NON_MEMBERS = 4_580_000  # in all address books; at least 4.33 million were shown [P]
FEW_ADDRESSES, ALL_ADDRESSES = 16, 2_313  # [P], [M]
STUMBLES = 0.0004  # share of tries that the gateway answers with 502 and that are then repeated

Span = tuple[date, date]
PHASE_A = (date(2025, 4, 14), date(2025, 6, 30))
PHASE_B = (date(2025, 6, 24), date(2025, 11, 8))
PHASES = ("honest", "tests", "address list", "profile", "ghost", "address edit", "order list")
TESTS, ADDRESSES, PROFILE, GHOST, EDIT, ORDERS = range(1, 7)

_LEAVER = Employee("E2001", "staff-2001", "2022-11-07", "2024-12-31", "developer")
_READERS = (
    Employee("E2002", "staff-2002", "2021-03-02", "", "developer"),
    Employee("E2003", "staff-2003", "2019-09-16", "", "site reliability"),
)
_TURN = kst(2025, 7, 7, 4)  # the main key is rotated; the backup key is not
_KEYS = (
    Key("login-2024-07", kst(2024, 7, 8, 4), _TURN + HOUR, readers=("E2003",)),
    Key("login-2025-07", _TURN, readers=("E2003",)),
    Key("backup-login-2019", kst(2019, 5, 13), backup=True, readers=("E2001", "E2002", "E2003")),
)
_NIGHTS = ((kst(2025, 3, 16, 1), kst(2025, 3, 16, 5)), (kst(2025, 9, 21, 1), kst(2025, 9, 21, 5)))


def _scaled(number: int, scale: float, least: int = 1) -> int:
    return max(least, round(number * scale))


class Coupang2025:
    """The scenario."""

    name = "coupang-2025"
    title = "Tokens forged with a leaver's signing key"
    source = "Ministry of Science and ICT, 2026-02-10; Personal Information Protection Commission, 2026-06-11"

    def setting(self, scale: float) -> Setting:
        return Setting(
            calendar=Calendar(date(2025, 1, 2), date(2025, 11, 10)),
            accounts=_scaled(ACCOUNTS, scale, 400),
            lost_ids=_scaled(GHOSTS, scale) + _scaled(SPARE_IDS, scale, 50),
            non_members=_scaled(NON_MEMBERS, scale, 20),
            crews=Crews(desk=_scaled(4_000, scale, 3), couriers=_scaled(2_000, scale, 2)),
            keys=_KEYS,
            nights=_NIGHTS,
            people=(_LEAVER, *_READERS),
        )

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Crawl:
        return Crawl(rng, shop, scale)


SCENARIO = Coupang2025()


@dataclass(frozen=True)
class _Targets:
    """Positions of members (by rising id) whose pages are asked for, and the ids of those who never were."""

    profiles: Ints
    books: Ints
    edits: Ints
    orders: Ints
    tests: Ints
    ghosts: Ints


def _targets(rng: np.random.Generator, shop: Shop, scale: float) -> _Targets:
    there = np.flatnonzero(shop.members.since < shop.calendar.begin)  # those who join later are never reached
    profiles, only = _scaled(PROFILES, scale), _scaled(ADDRESS_ONLY, scale)
    shown = rng.permutation(there)[: profiles + only]
    profile, address_only = shown[only:], shown[:only]
    # The address pages reached nearly the same accounts, several times each.
    books = np.sort(np.concatenate([address_only, profile[rng.random(len(profile)) < 0.98]]))
    ghosts = rng.permutation(shop.members.never_given())[: _scaled(GHOSTS, scale)]
    return _Targets(
        profiles=np.sort(profile),
        books=books,
        edits=rng.choice(books, _scaled(EDIT_ACCOUNTS, scale)),
        orders=rng.choice(shown, _scaled(ORDER_VIEWS, scale)),
        tests=np.sort(rng.choice(profile, 5, replace=False)),
        ghosts=np.sort(ghosts),
    )


class Crawl:
    """The crawl, day by day: every request with a token of its own, from one script."""

    phases: tuple[str, ...] = PHASES

    def __init__(self, rng: np.random.Generator, shop: Shop, scale: float) -> None:
        self._rng, self._shop = rng, shop
        self._targets = _targets(rng, shop, scale)
        t, calendar = self._targets, shop.calendar
        # Phase B walks through the ids in order, hit or miss.
        walk = np.concatenate([shop.members.ids[t.profiles], t.ghosts])
        order = np.argsort(walk, kind="stable")
        self._walk, self._miss = walk[order], order >= len(t.profiles)
        self._views_a = _scaled(ADDRESS_VIEWS, scale)
        self._quota_a = _quota(rng, calendar, PHASE_A, self._views_a, peak=2.4)
        self._quota_b = _quota(rng, calendar, PHASE_B, len(self._walk), peak=0.3)
        self._quota_edit = _quota(rng, calendar, PHASE_A, _scaled(EDIT_VIEWS, scale, 2), peak=0.5)
        self._quota_orders = _quota(rng, calendar, PHASE_B, len(t.orders), peak=0.5)
        self._few = SERVERS + 10 + np.arange(FEW_ADDRESSES) * 13
        # Fewer requests than addresses a day would leave most unused, so a small world gets fewer of them.
        many = int(min(ALL_ADDRESSES - FEW_ADDRESSES, max(40, 50 * scale * ALL_ADDRESSES)))
        self._many = rented(rng, many)
        self._lease = _leases(rng, many, calendar, PHASE_B)
        self._seen = dict.fromkeys(("a", "b", "orders"), 0)
        self.requests = self._views_a + len(self._walk) + int(self._quota_edit.sum()) + len(t.orders) + 36

    def day(self, day: int) -> Requests:
        pages = (self._tests, self._address_lists, self._profiles, self._edits, self._orders)
        return self._stumble(join([page(day) for page in pages]))

    def facts(self) -> dict[str, Any]:
        return {
            "key": "backup-login-2019",
            "leaver": _LEAVER.employee_id,
        }

    def _tests(self, day: int) -> Requests:
        """January: a few tries on a handful of members, from three addresses, on six evenings."""
        when = self._shop.calendar.date_of(day)
        tries = 6 if when in {date(2025, 1, d) for d in (6, 7, 9, 13, 14, 21)} else 0
        time = np.sort(self._shop.calendar.start_of(day) + 20 * HOUR + self._rng.integers(0, 3 * HOUR, tries))
        who = self._rng.choice(self._targets.tests, tries)
        address = self._few[self._rng.integers(0, 3, tries)]
        return self._forged(time, TESTS, "profile", self._shop.members.ids[who], address)

    def _address_lists(self, day: int) -> Requests:
        """Phase A: round and round through all accounts, sixteen addresses taking fifty in turn."""
        n = int(self._quota_a[day])
        turn = self._seen["a"] + np.arange(n)
        self._seen["a"] += n
        ids = self._shop.members.ids[self._targets.books[turn % len(self._targets.books)]]
        address = self._few[turn // 50 % FEW_ADDRESSES]
        return self._forged(self._spread(day, n), ADDRESSES, "addresses", ids, address)

    def _profiles(self, day: int) -> Requests:
        """Phase B: every id once, given or not, from whatever addresses are rented on the day."""
        n, at = int(self._quota_b[day]), self._seen["b"]
        self._seen["b"] += n
        ids, miss = self._walk[at : at + n], self._miss[at : at + n]
        asked = self._forged(self._spread(day, n), PROFILE, "profile", ids, self._rented_today(day, n))
        phase = np.where(miss, GHOST, PROFILE).astype(np.int8)
        status = np.where(miss, 404, 200).astype(np.int16)
        return Requests({**asked.of, "bad": phase, "status": status})

    def _edits(self, day: int) -> Requests:
        n = int(self._quota_edit[day])
        who = self._rng.choice(self._targets.edits, n)
        argument = who * 4 + 1
        address = self._few[self._rng.integers(0, FEW_ADDRESSES, n)]
        ids = self._shop.members.ids[who]
        return self._forged(self._spread(day, n), EDIT, "address_edit", ids, address, argument)

    def _orders(self, day: int) -> Requests:
        n, at = int(self._quota_orders[day]), self._seen["orders"]
        self._seen["orders"] += n
        ids = self._shop.members.ids[self._targets.orders[at : at + n]]
        return self._forged(self._spread(day, n), ORDERS, "orders", ids, self._rented_today(day, n))

    def _forged(
        self, time: Ints, phase: int, page: str, ids: Ints, address: Ints, argument: Ints | int = -1
    ) -> Requests:
        token = self._shop.mint.take(len(time))
        return requests(
            time, bad=phase, page=NUMBER[page], actor=ids, address=address, argument=argument, token=token,
            key=self._shop.keyring.backup, agent=SPARE_AGENT,
        )  # fmt: skip

    def _stumble(self, asked: Requests) -> Requests:
        """Some tries fail at the gateway; the script mints another token and asks again a moment later."""
        again = asked.take(self._rng.random(len(asked)) < STUMBLES)
        failed = {**again.of, "time": again["time"] - 1_500_000, "status": np.full(len(again), 502, np.int16)}
        return join([asked, Requests({**failed, "token": self._shop.mint.take(len(again))})])

    def _spread(self, day: int, n: int) -> Ints:
        """A machine does not sleep: times all over the day, in order, kept off its very edges."""
        span = DAY - 10 * MINUTE
        return np.sort(self._shop.calendar.start_of(day) + 5 * MINUTE + self._rng.integers(0, span, n))

    def _rented_today(self, day: int, n: int) -> Ints:
        begin, end = self._lease
        rented_now = np.flatnonzero((begin <= day) & (day < end))
        return self._many[self._rng.choice(rented_now, n)] if n else np.empty(0, np.int64)


def _quota(
    rng: np.random.Generator, calendar: Calendar, span: Span, total: int, peak: float
) -> npt.NDArray[np.int64]:
    """How many of `total` fall on each day: uneven, with one day `1 + peak` times the average."""
    first, last = calendar.number(span[0]), calendar.number(span[1])
    weight = rng.uniform(0.7, 1.3, last - first + 1)
    weight[len(weight) // 3] = 1 + peak
    whole = np.zeros(calendar.days)
    whole[first : last + 1] = weight / weight.sum()
    return np.diff(np.round(np.cumsum(whole) * total), prepend=0).astype(np.int64)


def _leases(rng: np.random.Generator, n: int, calendar: Calendar, span: Span) -> tuple[Ints, Ints]:
    """For each rented address its first and past-the-last day; some are rented on every day of the span."""
    first, last = calendar.number(span[0]), calendar.number(span[1])
    begin = rng.integers(first - 20, last, n)
    end = begin + rng.integers(10, 60, n)
    steady = np.arange(n) % 10 == 0
    return np.where(steady, first, begin), np.where(steady, last + 1, end)
