"""Tokens of staff and services, and of whoever logs in for an incident: each honestly made, and written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from haechi.drill.world.calendar import DAY, MINUTE, SECOND, Calendar, Ints
from haechi.drill.world.columns import Issuances, issuances, join
from haechi.drill.world.keys import Keyring, Mint

SPAN = 54 * MINUTE  # staff clients ask for a new token a little before the old one ends
_MS, _ACTORS = 1_000, 200_000


class Badges:
    """Hands out tokens and keeps the issuance records of each until the day's lines are written."""

    def __init__(self, mint: Mint, keyring: Keyring, calendar: Calendar) -> None:
        self._mint, self._keyring, self._begin = mint, keyring, calendar.begin
        self._known: dict[int, int] = {}
        self._made: list[Issuances] = []

    def use(self, actor: Ints | int, time: Ints) -> dict[str, Any]:
        """Columns `token, actor, key` for staff or services at work then: one token for about an hour each."""
        who = np.broadcast_to(np.asarray(actor, dtype=np.int64), time.shape)
        start = self._begin + (time - self._begin) // DAY * DAY
        since = start + who * 7919 % 3001 * SECOND  # not everybody's token turns on the hour
        issued = np.maximum(start, since + (time - since) // SPAN * SPAN)
        code = (issued - self._begin) // _MS * _ACTORS - who
        codes, first, which = np.unique(code, return_index=True, return_inverse=True)
        new = np.array([int(c) not in self._known for c in codes], dtype=bool)
        tokens = self._mint.take(int(new.sum()))
        self._known.update(zip(codes[new].tolist(), tokens.tolist(), strict=True))
        fresh = first[new]
        if len(fresh):
            made = {"token": tokens, "actor": who[fresh], "key": self._keyring.at(issued[fresh])}
            self._made.append(issuances(issued[fresh], **made))
        token = np.array([self._known[int(c)] for c in codes], dtype=np.int64)[which]
        return {"token": token, "actor": who, "key": self._keyring.at(issued)}

    def issue(self, actor: Ints | int, time: Ints) -> dict[str, Any]:
        """Columns `token, actor, key`: a token of its own at each of these times."""
        made = {"token": self._mint.take(len(time)), "actor": actor, "key": self._keyring.at(time)}
        self._made.append(issuances(time, **made))
        return made

    def drain(self) -> Issuances:
        """What was issued since the last call."""
        made, self._made = self._made, []
        return join([issuances(np.empty(0, np.int64)), *made])
