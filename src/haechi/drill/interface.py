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
from haechi.drill.world.shop import Employee, Key, Shop


@dataclass(frozen=True)
class Setting:
    """The world a scenario needs, at one scale.

    accounts:    members in the registry, withdrawn ones included
    lost_ids:    ids in the members' range that nobody ever had
    non_members: people who stand in members' address books only
    nights:      spans (microseconds UTC) in which the backup key signs honestly
    people:      employees that the incident needs by name, beside the ordinary ones
    """

    calendar: Calendar
    accounts: int
    lost_ids: int
    non_members: int
    desk: int
    keys: tuple[Key, ...]
    nights: tuple[tuple[int, int], ...] = ()
    people: tuple[Employee, ...] = ()


class Incident(Protocol):
    """An incident under way. `phases[k]` names what `bad = k` means; 0 is honest."""

    phases: tuple[str, ...]
    requests: int  # about how many bad requests there will be; the honest ones are measured against it

    def day(self, day: int) -> Requests:
        """The incident's requests of one day, each with `bad > 0` and within that day. Days come in order."""
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


@dataclass(frozen=True)
class Made:
    """What `make` wrote."""

    inspect: Path  # the folder to inspect
    truth: Path  # the folder that only the scorer may read
    records: dict[str, int] = field(default_factory=dict)  # lines by table
