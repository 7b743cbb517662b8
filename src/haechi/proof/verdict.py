"""What a verification says: one verdict on each thing that was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

State = Literal["whole", "altered", "missing", "unsigned", "forked", "strange", "unknown", "note"]

GOOD: Final[frozenset[State]] = frozenset({"whole", "unknown", "note"})
# In the order in which a reader should hear of them.
WORST_FIRST: Final[tuple[State, ...]] = (
    "forked", "missing", "altered", "unsigned", "strange", "unknown", "note", "whole",
)  # fmt: skip


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one thing: a file, a batch, a unit, an entry of the log, a signature.

    whole:    it is as it was written
    altered:  it is not as the log says that it was written
    missing:  the log says that it exists, and it is not there
    unsigned: no signature of the key that is trusted stands under it
    forked:   somebody holds a signed head of this log that this log is no continuation of
    strange:  readable, but it fits no story: a file that nobody knows, an expiry against a hold, a clock that ran back
    unknown:  it could not be checked, for the reason given; no evidence against it
    note:     nothing wrong; a reader may ask about it

    sentence: the verdict in one sentence; where: the file, relative to the store or pack, or the entry
    source, seq, path, line: of a unit: the source, its number there, the log file that it came from, and its line
    count:    how many units or entries it speaks of
    """

    thing: (
        str  # "log", "signature", "witness", "timestamp", "head", "clock", "key", "batch 12", "hold H-1", ...
    )
    state: State
    sentence: str
    where: str = ""
    source: str = ""
    seq: int | None = None
    path: str = ""
    line: int | None = None
    count: int = 1

    @property
    def bad(self) -> bool:
        """Whether it speaks against the evidence."""
        return self.state not in GOOD


def amount(number: int, one: str, many: str = "") -> str:
    """`1 batch`, `2,300 batches`. `many`: where an s at the end does not do."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def all_good(verdicts: Iterable[Verdict]) -> bool:
    """Whether nothing speaks against the evidence. Things that could not be checked do not; they are told."""
    return not any(verdict.bad for verdict in verdicts)


def worst_first(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Sorted for a reader: the gravest state first, otherwise in the order found."""
    return sorted(verdicts, key=lambda verdict: WORST_FIRST.index(verdict.state))
