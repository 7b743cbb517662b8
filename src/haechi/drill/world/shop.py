"""The shop as a whole: what a scenario asks for, and the parts made from it before any traffic runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world.calendar import Calendar, Ints
from haechi.drill.world.members import Members

ISSUER = "https://login.shop.example"
TOKEN_LIFE = 3600  # seconds


@dataclass(frozen=True)
class Key:
    """A signing key, good from `first` until `last` (microseconds UTC). A backup key signs on few nights."""

    kid: str
    first: int
    last: int | None = None  # None: never retired
    backup: bool = False
    readers: tuple[str, ...] = ()  # employee ids


@dataclass(frozen=True)
class Employee:
    """One line of the personnel list. Dates are ISO days; `departed` is "" for those who are still there."""

    employee_id: str
    account: str
    hired: str
    departed: str
    role: str


class Keyring:
    """Which key signs at which time: the main key of the day, or the backup key in a maintenance night."""

    def __init__(self, keys: Sequence[Key], nights: Sequence[tuple[int, int]] = ()) -> None:
        self.keys = tuple(keys)
        self.nights = tuple(nights)
        self.main = [number for number, key in enumerate(keys) if not key.backup]
        self.backup = next((number for number, key in enumerate(keys) if key.backup), self.main[-1])
        self._turns = np.array([keys[number].first for number in self.main[1:]], dtype=np.int64)

    def at(self, time: Ints) -> npt.NDArray[np.int16]:
        """Index of the key that signs what is issued at these times."""
        key = np.array(self.main, dtype=np.int16)[np.searchsorted(self._turns, time, side="right")]
        for begin, end in self.nights:
            key = np.where((time >= begin) & (time < end), np.int16(self.backup), key)
        return key


class Mint:
    """Serial numbers of tokens. Honest and forged ones share one count; a token's text hides its serial."""

    def __init__(self) -> None:
        self._next = 1

    def take(self, n: int) -> Ints:
        first, self._next = self._next, self._next + n
        return np.arange(first, first + n, dtype=np.int64)


@dataclass(frozen=True)
class Shop:
    """Everything that stands before the first request. `employees[:desk]` are the customer-service staff."""

    calendar: Calendar
    members: Members
    keyring: Keyring
    mint: Mint
    employees: tuple[Employee, ...]
    desk: int
