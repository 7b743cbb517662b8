"""The one interface of the format family: how a module in `collect/formats/` says what it can read.

A format never loops over records. It says how bytes fall into units (`framing`), which share of a sample is its
own (`share`), and which SQL expressions turn a unit's text into the columns of a table (`projection`).
The normaliser compiles these into one query a block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from haechi.model.settings import SourceSettings
from haechi.model.words import Table


@dataclass(frozen=True)
class Framed:
    """Units cut from a stretch of bytes. Every byte up to `consumed` belongs to exactly one unit.

    text:     the units as strings, valid UTF-8 (a trailing newline may be left on)
    offsets:  int64, where each unit begins in the stretch; length is `len(text) + 1`, the last is `consumed`
    lines:    int64, the line on which each unit begins, from 0 within the stretch; same length as `offsets`,
              so that the last entry is how many lines were consumed
    consumed: bytes taken; the reader hands the rest back with more data behind it
    """

    text: pa.StringArray
    offsets: pa.Int64Array
    lines: pa.Int64Array
    consumed: int


# (bytes, whether the stream ends with them) -> units. With `final`, everything must be consumed.
Framing = Callable[[bytes, bool], Framed]


@dataclass(frozen=True)
class Sample:
    """The head of a file, unpacked: at most a few hundred kilobytes, cut at a line end unless `whole`."""

    head: bytes
    whole: bool
    name: str = ""

    @property
    def lines(self) -> list[str]:
        return [
            line.rstrip("\r")
            for line in self.head.decode("utf-8", "replace").split("\n")
            if line.strip("\r\0 ")
        ]


@dataclass(frozen=True)
class Projection:
    """How a unit's text becomes columns, as DuckDB SQL.

    prepare:  named expressions over `line` (VARCHAR), each computed once
    stages:   more of them; each stage may use the names of `prepare` and of the stages before it
    columns:  table column -> expression over the staged names and `line`. Absent columns are NULL. For `access`,
              `route, action, subject, fields, outcome` may be left to the normaliser, which knows the routes and
              the status; a projection that sets them wins where its value is not NULL.
              The column `credential_secret` (VARCHAR) may stand for `credential`: it is hashed and forgotten.
    readable: boolean expression: is this unit of this format at all
    reason:   why a unit that is not readable was set aside, a short clause
    reasons:  closer reasons, tried first: (boolean expression, clause); a unit for which one holds is set aside
    notes:    guesses made, each a sentence
    """

    columns: Mapping[str, str]
    readable: str
    reason: str
    prepare: Mapping[str, str] = field(default_factory=dict)
    stages: Sequence[Mapping[str, str]] = ()
    reasons: Sequence[tuple[str, str]] = ()
    notes: tuple[str, ...] = ()


class Format(Protocol):
    """One log format. Instances are stateless and shared between threads."""

    name: str  # as in haechi.toml: "combined"
    title: str  # as in a sentence: "Apache/nginx combined"
    table: Table

    @property
    def framing(self) -> Framing: ...

    def share(self, sample: Sample) -> float:
        """Which share of the sample's units is of this format, 0 to 1. Cheap: looks at a few hundred units."""
        ...

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        """The expressions for a file that begins like `sample`. `source.columns` overrides the guess of a column."""
        ...
