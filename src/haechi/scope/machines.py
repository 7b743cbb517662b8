"""Who wrote access records, when and how many: what the bounds of a case are measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from haechi.scope.queries import query
from haechi.store.interface import Engine

BEAT = 60_000_000  # microseconds: the step in which a case's own pace is known


@dataclass(frozen=True)
class Machine:
    """A row of machines.sql. `node` is "" where the records do not tell."""

    source: str
    node: str
    records: int
    numbered: int
    low: int | None
    first: datetime | None
    last: datetime | None

    @property
    def numbers_all(self) -> bool:
        """Whether a lost record leaves a gap between its neighbours' numbers."""
        return self.numbered == self.records and (self.low or 0) >= 0

    @property
    def usual_gap(self) -> timedelta:
        """Its span shared out evenly among its records."""
        if self.first is None or self.last is None:
            return timedelta()
        return (self.last - self.first) / max(1, self.records - 1)


def machines(engine: Engine) -> list[Machine]:
    """The machines in `coverage_pulse`."""
    return [Machine(*row) for row in engine.rows(query("machines"))]


@dataclass(frozen=True)
class Pace:
    """Records of one source over time: `beats` (sorted, of a fixed width) and the running sum of their records."""

    width: int
    beats: npt.NDArray[np.int64]
    sums: npt.NDArray[np.int64]

    def between(self, first: int, last: int) -> int:
        """Records in the beats that the microseconds `first` to `last` fall into."""
        low = int(np.searchsorted(self.beats, first // self.width, "left"))
        high = int(np.searchsorted(self.beats, last // self.width, "right"))
        return int(self.sums[high - 1] - (self.sums[low - 1] if low else 0)) if high > low else 0

    @property
    def span(self) -> tuple[int, int]:
        """From the beginning of the first beat to the end of the last one, in microseconds."""
        return int(self.beats[0]) * self.width, (int(self.beats[-1]) + 1) * self.width


def paces(rows: Sequence[tuple[Any, ...]], width: int) -> dict[str, Pace]:
    """By source, from rows of `source, beat, records` in any order; a beat may occur more than once."""
    found: dict[str, dict[int, int]] = {}
    for source, beat, records in rows:
        beats = found.setdefault(source, {})
        beats[beat] = beats.get(beat, 0) + int(records)
    made = {}
    for source, counted in found.items():
        order = np.array(sorted(counted), np.int64)
        records = np.array([counted[int(beat)] for beat in order], np.int64)
        made[source] = Pace(width, order, np.cumsum(records))
    return made
