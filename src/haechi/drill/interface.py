"""The one interface of the scenario family: what a module in `drill/scenarios/` says about its incident.

A scenario asks for a world (`setting`), and then plays its incident in it, day by day (`stage`). The world
itself, with its honest members, staff and mishaps, is the same for all and lives in `drill/world/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from haechi.drill.world.calendar import Calendar
from haechi.drill.world.columns import Requests
from haechi.drill.world.keys import Key
from haechi.drill.world.people import Crews, Employee
from haechi.drill.world.shop import Shop


@dataclass(frozen=True)
class Setting:
    """The world a scenario needs, at one scale.

    accounts:    members in the registry, withdrawn ones included
    lost_ids:    ids in the members' range that nobody ever had
    non_members: people who stand in members' address books only
    nights:      spans (microseconds UTC) in which the backup key signs honestly
    people:      employees that the incident needs by name, beside the ordinary ones
    requests:    honest requests at least, however few bad ones there are
    strangers:   accounts that act and stand in no list
    calls:       calls that an agent of the desk takes a shift; None: a share of the traffic
    """

    calendar: Calendar
    accounts: int
    lost_ids: int
    non_members: int
    crews: Crews
    keys: tuple[Key, ...]
    nights: tuple[tuple[int, int], ...] = ()
    people: tuple[Employee, ...] = ()
    requests: int = 0
    calls: float | None = None
    strangers: tuple[str, ...] = ()

    def beside(self, other: Setting) -> Setting:
        """The world in which another scenario can be played as well: this one's shop, as large as both need.

        The longer calendar holds for both, so a scenario with dates of its own decides.
        """
        longer = max((self, other), key=lambda setting: setting.calendar.days)
        known = {key.kid for key in longer.keys}
        other_keys = (*self.keys, *other.keys)
        named = {person.employee_id: person for person in (*self.people, *other.people)}
        return Setting(
            calendar=longer.calendar,
            accounts=max(self.accounts, other.accounts),
            lost_ids=max(self.lost_ids, other.lost_ids),
            non_members=max(self.non_members, other.non_members),
            crews=self.crews.beside(other.crews),
            keys=(
                *longer.keys,
                *(key for key in other_keys if key.kid not in known and (key.backup or key.idle)),
            ),
            nights=longer.nights,
            people=tuple(named.values()),
            requests=max(self.requests, other.requests),
            calls=self.calls if other.calls is None else other.calls,
            strangers=tuple(dict.fromkeys((*self.strangers, *other.strangers))),
        )


class Incident(Protocol):
    """An incident under way. `phases[k]` names what `bad = k` means; 0 is honest."""

    @property
    def phases(self) -> tuple[str, ...]: ...

    @property
    def requests(self) -> int:
        """About how many bad requests there will be; the honest ones are measured against it."""
        ...

    def day(self, day: int) -> Requests:
        """The incident's requests of one day, within that day; those with `bad > 0` are bad. Days come in order."""
        ...

    def facts(self) -> dict[str, Any]:
        """What else the truth should tell: the key, the leaver. JSON values."""
        ...


class Scenario(Protocol):
    """One incident that really happened, or a quiet world that must stay silent. Stateless."""

    name: str  # as on the command line
    title: str  # as in a sentence
    source: str  # where the facts are from

    def setting(self, scale: float) -> Setting: ...

    def stage(self, rng: np.random.Generator, shop: Shop, scale: float) -> Incident: ...


# What a user may not have collected: files, and what haechi.toml says of them.
PARTS: dict[str, str] = {
    "issuance": "the issuance log",
    "keys": "the issuers' keys and their readers in haechi.toml",
    "registry": "the registry of members",
    "personnel": "the list of employees",
    "reasons": "tickets, orders, shifts, approvals and declared purposes",
    "address-book": "the customer database that says who stands on whose page",
}


@dataclass(frozen=True)
class Made:
    """What `make` wrote."""

    inspect: Path  # the folder to inspect
    truth: Path  # the folder that only the scorer may read
    records: dict[str, int] = field(default_factory=dict)  # lines by table
