"""Limits of the evidence that are no holes: losses there would leave no trace, so that nothing bounds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from haechi.model.settings import CoverageSettings
from haechi.model.values import Hole
from haechi.scope import say
from haechi.scope.machines import Machine
from haechi.workspace.units import duration

NAMED = 3  # machines or sources that a sentence names


def limits(
    machines: Sequence[Machine], settings: CoverageSettings, begin: datetime, end: datetime, margin: timedelta
) -> list[Hole]:
    """What may be lost between `begin` and `end` (a case's first and last access, UTC) without a trace.

    `unnumbered`: sources whose records carry no gap-free numbers, one hole for all of them.
    `ended`: numbered machines that begin or end within the case; what came before or after has no
    neighbour with a number. One hole a source.
    """
    near = [m for m in machines if _near(m, begin - margin, end + margin)]
    bare = sorted({m.source for m in near if not m.numbers_all})
    found = [_unnumbered(bare)] if bare else []
    for source in sorted({m.source for m in near} - set(bare)):
        edges = [m for m in near if m.source == source and _cut(m, begin, end, tolerance(m, settings))]
        if edges:
            found.append(_ended(source, edges))
    return found


def tolerance(machine: Machine, settings: CoverageSettings) -> timedelta:
    """How long nothing may come from a machine without anybody wondering."""
    return max(duration(settings.silent_at_least), settings.silent_factor * machine.usual_gap)


def numbered_through(
    machines: Sequence[Machine], settings: CoverageSettings, source: str, first: datetime, last: datetime
) -> bool:
    """Whether records missing in a source's silence would show as gaps in its machines' own numbers.

    A machine that was there just before and not after, or the other way round, has no number on that side.
    """
    of_source = [m for m in machines if m.source == source and m.first and m.last]
    for machine in of_source:
        begun, ended = say.utc(machine.first or first), say.utc(machine.last or last)
        spans = begun <= first and ended >= last
        wide = tolerance(machine, settings)
        elsewhere = ended < first - wide or begun > last + wide
        if not machine.numbers_all or not (spans or elsewhere):
            return False
    return bool(of_source)


def _near(machine: Machine, begin: datetime, end: datetime) -> bool:
    if machine.first is None or machine.last is None:
        return True
    return say.utc(machine.first) <= end and say.utc(machine.last) >= begin


def _cut(machine: Machine, begin: datetime, end: datetime, wide: timedelta) -> bool:
    if machine.first is None or machine.last is None:
        return False
    from_the_start = machine.low in (0, 1)
    late = say.utc(machine.first) > begin + wide and not from_the_start
    return late or say.utc(machine.last) < end - wide


def _unnumbered(sources: Sequence[str]) -> Hole:
    who = _names(sources, "source")
    sentence = f"The records of {who} carry no gap-free numbers: single ones that are lost leave no trace."
    return Hole(", ".join(sources), "unnumbered", None, None, None, sentence)


def _ended(source: str, machines: Sequence[Machine]) -> Hole:
    who = _names([m.node for m in machines if m.node], "machine")
    of = f"{source} ({who})" if who else source
    sentence = (
        f"{of} began or ended within the case: nothing tells what was written before its first "
        "and after its last record."
    )
    if len(machines) > 1:
        sentence = sentence.replace(
            "before its first and after its last", "before the first and after the last"
        )
    return Hole(source, "ended", None, None, None, sentence)


def _names(names: Sequence[str], thing: str) -> str:
    more = len(names) - NAMED
    told = ", ".join(names[:NAMED])
    return f"{told} and {more} more {thing}{'s' if more > 1 else ''}" if more > 0 else told
