"""What a kind of system and a kind of probe look like to the rest; one module for each behind it.

Both give facts (table `fact`): a fact is what a system said at one time. They are written as JSON lines into the
workspace's folder `facts/` and collected like any log, so each is sealed with its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from haechi.model.settings import ProbeSettings, SystemSettings
from haechi.model.words import FactKind, FactState


@dataclass(frozen=True)
class Fact:
    """One row of the table `fact`, without its place: the columns mean what `haechi.model.tables.FACT` says."""

    time: datetime  # UTC
    kind: FactKind
    system: str
    state: FactState
    evidence: str
    person: str = ""
    account: str = ""
    object: str = ""
    version: str = ""
    first: datetime | None = None
    last: datetime | None = None
    how: str = ""


@dataclass(frozen=True)
class Asking:
    """What a source or probe may use: nothing else reaches the world.

    secret: the bytes that a reference ("env:NAME", "file:PATH") leads to; raises SettingsError, never says them.
    folder: what relative paths start from.  wait: seconds for any one question.  now: the time it is asked at, UTC.
    turn: called before each question that is sent; it waits as long as the system must not be asked again.
    """

    secret: Callable[[str], bytes]
    folder: Path
    wait: float
    now: datetime
    turn: Callable[[], None] = field(default=lambda: None)


class Source(Protocol):
    """A kind of system that can list what it knows."""

    kind: str  # as in [[system]]
    options: frozenset[str]  # keys it understands in `options`

    def gather(self, system: SystemSettings, asking: Asking) -> Iterable[Fact]:
        """All it knows now. For each kind of fact that was listed whole, one fact `listing` (object: that kind), so
        that what is no longer listed is known to be dead.

        Raises:
            IdentityError: it could not be asked; what was gathered before is dropped, since half a list would
                look like deaths.
        """
        ...


@dataclass(frozen=True)
class Answer:
    """What a probe found. `control` says what the positive control answered; a DEAD without one is UNKNOWN.

    evidence: one sentence of what was asked and answered, without any secret.
    """

    state: FactState
    control: FactState
    evidence: str
    # A refusal that speaks for itself: it counts also where the thing was never seen alive.
    plain: bool = False


class Probe(Protocol):
    """A kind of question whether a way in is dead. It reads only: it must change nothing where it asks."""

    @property
    def kind(self) -> str:
        """As in [[probe]]."""
        ...

    @property
    def systems(self) -> frozenset[str]:
        """Kinds of [[system]] that it can ask."""
        ...

    @property
    def options(self) -> frozenset[str]:
        """Keys it understands in the probe's `options`."""
        ...

    @property
    def about(self) -> Literal["account", "session", "secret"]:
        """What its target is."""
        ...

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        """Ask the control, then the question. Never raises for what the system does: that is UNKNOWN."""
        ...
