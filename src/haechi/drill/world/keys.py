"""Signing keys, who signs when, and the serial numbers of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.drill.world.calendar import Ints

ISSUER = "https://login.shop.example"
TOKEN_LIFE = 3600  # seconds


@dataclass(frozen=True)
class Key:
    """A signing key, good from `first` until `last` (microseconds UTC).

    A backup key signs on few nights only. An idle key signs nothing while the records run: it was retired before.
    """

    kid: str
    first: int
    last: int | None = None  # None: never retired
    backup: bool = False
    readers: tuple[str, ...] = ()  # employee ids
    idle: bool = False


class Keyring:
    """Which key signs at which time: the main key of the day, or the backup key in a maintenance night."""

    def __init__(self, keys: Sequence[Key], nights: Sequence[tuple[int, int]] = ()) -> None:
        self.keys = tuple(keys)
        self.nights = tuple(nights)
        self.main = [number for number, key in enumerate(keys) if not (key.backup or key.idle)]
        self.backup = next((number for number, key in enumerate(keys) if key.backup), self.main[-1])
        self._turns = np.array([keys[number].first for number in self.main[1:]], dtype=np.int64)

    def number(self, kid: str) -> int:
        """The index of the key of that id."""
        return next(number for number, key in enumerate(self.keys) if key.kid == kid)

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
