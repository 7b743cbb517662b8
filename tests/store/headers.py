"""Headers and catalogs without files, for what is only worked out from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from haechi.model.words import Table
from haechi.store.header import BatchHeader, FileSpan
from haechi.store.leaves import CompactionLeaf, HoldLeaf, LiftLeaf, ranges

DAY = 86_400_000_000
YEAR = 366 * DAY


def header(
    number: int,
    first: int | None = 0,
    last: int | None = 0,
    source: str = "gateway",
    table: Table = "access",
    collected: int = 0,
) -> BatchHeader:
    return BatchHeader(
        number=number, table=table, source=source, format="combined",
        file=FileSpan("s", "/logs/a", 0, 1, 1, "", 1, ""),
        line_from=1, line_count=1, seq_from=number + 1, seq_to=number + 1, rows=1, set_aside=0,
        first=first, last=last, bytes_sent=0, raw_bytes=1, raw_mac="", root="", period="1970-01", files={},
        collected=collected,
    )  # fmt: skip


def hold(
    name: str = "H-1",
    first: int | None = None,
    last: int | None = None,
    sources: Iterable[str] = (),
    lifters: Iterable[str] = (),
) -> HoldLeaf:
    return HoldLeaf(0, "anna (uid 1)", name, first, last, tuple(sources), "order 1", tuple(lifters))


def compaction(number: int, batches: Iterable[int]) -> CompactionLeaf:
    return CompactionLeaf(0, number, "access", "gateway", ranges(sorted(batches)), 1, "")


@dataclass
class Books:
    """As much of a catalog as the arithmetic asks for."""

    batches: list[BatchHeader] = field(default_factory=list)
    holds: dict[str, HoldLeaf] = field(default_factory=dict)
    lifts: dict[str, list[LiftLeaf]] = field(default_factory=dict)
    expired: set[int] = field(default_factory=set)
    compactions: dict[int, CompactionLeaf] = field(default_factory=dict)
