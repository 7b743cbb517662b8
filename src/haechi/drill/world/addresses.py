"""Where requests come from. Every range is reserved (RFC 1112, 2544, 5737, 6598): no real network is named."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from haechi.drill.world.calendar import Ints
from haechi.drill.world.members import scatter


def _base(a: int, b: int = 0, c: int = 0) -> int:
    return a << 24 | b << 16 | c << 8


HOMES = _base(240)  # 240.0.0.0/5: households, a lease of about a month each
HOME_POOL = 1 << 27
CARRIERS = _base(198, 18)  # 198.18.0.0/15: the shared addresses of mobile carriers
ONE_CARRIER = _base(100, 64, 7) + 1  # of 100.64.0.0/10, where carriers translate addresses (RFC 6598)
OFFICE = _base(203, 0, 113)  # 203.0.113.0/24: the shop's own
HOSTING = _base(250)  # 250.0.0.0/8: rented machines
SERVERS = _base(192, 0, 2)  # 192.0.2.0/24: a small hoster


def home(member: Ints, members: int, day: int) -> Ints:
    """The address of a member's household: two or so members share one, and it changes every thirty days."""
    households = max(1, members * 9 // 20)
    house = scatter(member, members) % households
    return np.asarray(HOMES + (house * 37 + (day // 30) * 15_485_863) % HOME_POOL)


def carrier(member: Ints, members: int, day: int, nat: int = 0) -> Ints:
    """The shared address a member's phone goes out by today: thousands of members behind each.

    The first `nat` members (spread over the range) are all with a carrier that has one address.
    """
    gateways = max(4, members // 17_000)
    usual = CARRIERS + (member * 31 + day) % min(gateways, 1 << 17)
    return np.asarray(np.where(behind_nat(member, members, nat), ONE_CARRIER, usual))


def behind_nat(member: Ints, members: int, nat: int) -> npt.NDArray[np.bool_]:
    """Which members are with the carrier of one address."""
    return np.asarray(scatter(member, members) < nat)


def rented(rng: np.random.Generator, n: int) -> Ints:
    """`n` different addresses of rented machines, some of them neighbours as hosters sell them."""
    blocks = rng.choice(1 << 16, size=max(1, n // 3), replace=False)
    pool = (HOSTING + blocks[:, None] * 256 + np.arange(4, 244, 41)[None, :]).ravel()
    return np.asarray(rng.choice(pool, size=n, replace=False), dtype=np.int64)
