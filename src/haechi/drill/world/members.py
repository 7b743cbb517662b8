"""The member registry: auto-increment ids with holes, when each member came, and who has left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world.calendar import DAY, HOUR, NEVER, SECOND, Calendar, Ints, kst

FIRST_ID = 1_000_001
LEFT_BEFORE = 0.0183  # share withdrawn before the records begin: 33.84 million accounts shown, 33.22 counted
LEFT_DURING = 0.008
JOINED_DURING = 0.015
CANARIES = 1e-5


@dataclass(frozen=True)
class Members:
    """One entry a member account, by rising id (and so by rising `since`). Times are microseconds UTC."""

    ids: Ints
    since: Ints
    withdrawn: Ints  # NEVER for those who stay
    canary: npt.NDArray[np.bool_]
    id_end: int  # ids below this one, from FIRST_ID, were either given or lost

    def __len__(self) -> int:
        return len(self.ids)

    def never_given(self) -> Ints:
        """Every id in the range that no member ever had: failed sign-ups and purged tests."""
        free = np.ones(self.id_end - FIRST_ID, dtype=bool)
        free[self.ids - FIRST_ID] = False
        return np.flatnonzero(free).astype(np.int64) + FIRST_ID

    def active(self, which: Ints, at: Ints) -> npt.NDArray[np.bool_]:
        """Which of these members (by position) are there at these times, with hours to spare."""
        return (self.since[which] + HOUR < at) & (at + 12 * HOUR < self.withdrawn[which])


def make_members(rng: np.random.Generator, calendar: Calendar, accounts: int, lost_ids: int) -> Members:
    """`accounts` members among `accounts + lost_ids` ids; the newest join while the records run."""
    space = accounts + lost_ids
    ids = np.sort(rng.choice(space, size=accounts, replace=False, shuffle=False)).astype(np.int64) + FIRST_ID
    late = max(1, round(accounts * JOINED_DURING))
    opened = kst(2010, 8, 1)
    early = np.sort(rng.integers(opened, calendar.begin - 10 * DAY, accounts - late))
    new = np.sort(rng.integers(calendar.begin + DAY, calendar.end - 4 * DAY, late))
    since = np.concatenate([early, new]) // SECOND * SECOND
    withdrawn = np.full(accounts, NEVER, dtype=np.int64)
    chance = rng.random(accounts - late)
    gone = np.flatnonzero(chance < LEFT_BEFORE)
    span = calendar.begin - 2 * DAY - since[gone]
    withdrawn[gone] = since[gone] + (DAY + rng.random(len(gone)) * (span - DAY)).astype(np.int64)
    leaving = np.flatnonzero((chance >= LEFT_BEFORE) & (chance < LEFT_BEFORE + LEFT_DURING))
    day = rng.integers(2, calendar.days - 5, len(leaving))
    withdrawn[leaving] = calendar.begin + day * DAY + rng.integers(8 * HOUR, 23 * HOUR, len(leaving))
    stays = withdrawn == NEVER
    withdrawn = np.where(stays, withdrawn, withdrawn // SECOND * SECOND)
    canary = np.zeros(accounts, dtype=bool)
    canary[rng.choice(np.flatnonzero(stays[: accounts - late]), max(3, round(accounts * CANARIES)))] = True
    return Members(ids, since, withdrawn, canary, FIRST_ID + space)


def popular(rng: np.random.Generator, members: int, n: int) -> Ints:
    """Positions of `n` members drawn with Zipf popularity (exponent 0.8), spread over the whole id range.

    The rank is drawn by inverting the distribution function, so that no table of weights is kept.
    """
    exponent = 0.8
    top = members ** (1 - exponent) - 1
    rank = ((top * rng.random(n) + 1) ** (1 / (1 - exponent))).astype(np.int64) - 1
    return scatter(np.minimum(rank, members - 1), members)


def scatter(number: Ints, size: int) -> Ints:
    """A fixed one-to-one shuffle of 0..size-1 (multiplication by a number without common divisor)."""
    step = next(p for p in (1_000_003, 998_244_353, 2_147_483_647, 7_919) if size % p)
    return np.asarray((number % size * step + 12_345) % size)
