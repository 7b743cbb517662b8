"""The answer of a leaver check, as frozen values: what must be dead, by when, and whether it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec

from haechi.model.words import FactState

Sort = Literal["account", "session", "grant", "secret"]
NOT_GATHERED: Final = (
    ": nothing is known of it yet"  # what is said of a system that could be listed and was not
)


class Evidence(msgspec.Struct, frozen=True):
    """What tells something: the sentence, and the record of the table `fact` or `person` that holds it."""

    text: str
    time: datetime | None = None  # UTC
    table: str = "fact"
    source: str = ""
    seq: int = 0


class Item(msgspec.Struct, frozen=True):
    """One way in that must be dead.

    name:    account, session, right or secret; version: of the secret
    by:      when it must be dead: the departure; None: the person is still there
    since:   when the person first had it; seen: when it was last seen alive; gone: by when it was dead, if it is
    late_s:  seconds for which it lived after it had to be dead; what is alive has lived until the check
    why:     the state in one sentence
    had:     what tells that the person had it; told: what tells its state
    """

    sort: Sort
    system: str
    name: str
    version: str
    account: str
    how: list[str]
    state: FactState
    by: datetime | None
    since: datetime | None
    seen: datetime | None
    gone: datetime | None
    asked: datetime | None
    late_s: int
    why: str
    had: list[Evidence] = []
    told: list[Evidence] = []
    probes: list[str] = []
    kids: list[str] = []


class Leaver(msgspec.Struct, frozen=True):
    """One person with all that must be dead."""

    person: str
    accounts: list[str]
    departed: datetime | None
    items: list[Item]
    told: list[Evidence] = []  # the rows of the list of people

    def stays(self, at: datetime) -> bool:
        """Whether a list of people says that they are there at this time, UTC."""
        return bool(self.told) and (self.departed is None or self.departed > at)

    @property
    def open(self) -> int:
        """How many of the items are not known to be dead."""
        return sum(1 for item in self.items if item.state != "dead")


class LeaverCheck(msgspec.Struct, frozen=True):
    """All that was checked. `state`: as `overall` says; unknown as well where nobody knows who left.

    not_looked_at: what nobody asked, in sentences
    unread:        rows of the list of people that could not be read: who stands there may have left
    """

    checkpoint: str
    at: datetime
    state: FactState
    people: list[Leaver]
    counts: dict[str, int]
    not_looked_at: list[str] = []
    unread: int = 0

    @property
    def left(self) -> list[Leaver]:
        """Those who have left, or of whom no list of people tells whether they have."""
        return [person for person in self.people if not person.stays(self.at)]

    @property
    def settled(self) -> bool:
        """Whether all that must be dead is dead. Of somebody who is still there nothing must be."""
        if not self.people:
            return self.state == "dead"
        return overall(self.left, self.unread, self.ungathered) == "dead"

    @property
    def ungathered(self) -> int:
        """Systems that could tell of ways in and were never gathered, as `not_looked_at` names them."""
        return sum(line.endswith(NOT_GATHERED) for line in self.not_looked_at)


def overall(people: Iterable[Leaver], unread: int = 0, ungathered: int = 0) -> FactState:
    """Alive if anything is, else unknown if anything is, or if nothing at all is known of somebody; else dead.

    unread:      rows of the list of people that nobody could read. With one, all is not known to be dead.
    ungathered:  systems that were never listed, in which anybody of these people may have a way in
    """
    states: set[FactState] = {"unknown"} if unread else set()
    for person in people:
        states |= {"unknown"} if ungathered else set()
        states |= {item.state for item in person.items} or {"unknown"}
    return "alive" if "alive" in states else "unknown" if "unknown" in states else "dead"
