"""The log as catalog: which batches exist, where their records stand, and how far each file has been read.

Built by reading the leaves that the checkpoint covers; nothing else says what exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from haechi.store.header import BatchHeader, FileSpan
from haechi.store.leaves import (
    REPORT,
    AskLeaf,
    ClockLeaf,
    CompactionLeaf,
    CustodyLeaf,
    ErasureLeaf,
    ExpiryLeaf,
    HoldLeaf,
    KeyLeaf,
    KeysLeaf,
    Leaf,
    LiftLeaf,
    LogLeaf,
    numbers_of,
    read_leaf,
    written_at,
)


@dataclass(frozen=True)
class Position:
    """How far a file has been read: the last batch made from it."""

    table: str
    source: str
    file: FileSpan
    lines: int  # lines of the file that are behind us


@dataclass
class Catalog:
    """What the log says, in its order. Only who appends adds to it, after the commit.

    expired:    numbers of batches whose retention ended
    compacted:  batch number -> the compaction in whose file its records stand
    newest:     the latest time that a leaf bears (microseconds), against which a clock set back is noticed
    period_keys: period -> SHA-256 of its file of keys as it should be now
    size:       entries read
    """

    batches: list[BatchHeader] = field(default_factory=list)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)  # (table, stream)
    next_seq: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))  # by source
    # (table, bytes of the head, its fingerprint) -> streams, so that a file is known again among thousands at once
    by_head: dict[tuple[str, int, str], list[str]] = field(default_factory=dict)
    head_sizes: set[int] = field(default_factory=set)
    log: LogLeaf | None = None
    rotations: list[KeyLeaf] = field(default_factory=list)
    clocks: list[ClockLeaf] = field(default_factory=list)
    period_keys: dict[str, str] = field(default_factory=dict)
    compactions: dict[int, CompactionLeaf] = field(default_factory=dict)
    compacted: dict[int, int] = field(default_factory=dict)
    expiries: list[ExpiryLeaf] = field(default_factory=list)
    expired: set[int] = field(default_factory=set)
    holds: dict[str, HoldLeaf] = field(default_factory=dict)
    lifts: dict[str, list[LiftLeaf]] = field(default_factory=dict)
    erasures: list[ErasureLeaf] = field(default_factory=list)
    erased: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))  # batch number -> rows
    asks: dict[str, dict[int, AskLeaf]] = field(default_factory=dict)  # ask -> number of the step -> the step
    reports: list[CustodyLeaf] = field(default_factory=list)  # of months, as they were made
    newest: int = 0
    size: int = 0
    _at: dict[int, int] = field(default_factory=dict)  # batch number -> place in `batches`
    _entry: dict[int, int] = field(default_factory=dict)  # batch number -> index of its entry in the log
    _hashes: dict[tuple[int, str], str] = field(default_factory=dict)  # changed since the header was written

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Catalog:
        catalog = cls()
        catalog.read_on(leaves)
        return catalog

    def read_on(self, leaves: Iterable[bytes]) -> None:
        """Take in further entries of the log. Raises `StoreError` for one that cannot be read."""
        for data in leaves:
            self._take(read_leaf(data, self.size))

    @property
    def next_number(self) -> int:
        return self.batches[-1].number + 1 if self.batches else 0

    @property
    def vkey(self) -> str:
        """The key that signs the log now; "" where it is not signed."""
        if self.rotations:
            return self.rotations[-1].vkey
        return self.log.vkey if self.log else ""

    def batch(self, number: int) -> BatchHeader:
        """The batch of that number. `KeyError` where there is none."""
        return self.batches[self._at[number]]

    def entry_of(self, number: int) -> int:
        """The index in the log of a batch's entry. `KeyError` where there is none."""
        return self._entry[number]

    def file_hash(self, number: int, kind: str) -> str:
        """SHA-256 that a file of a batch should have; "" where it should not be there at all."""
        if number in self.expired or (kind == "records" and number in self.compacted):
            return ""
        return self._hashes.get((number, kind), self.batch(number).files.get(kind, ""))

    def own_records(self, table: str) -> list[int]:
        """Batches of a table whose records stand in files of their own."""
        return [
            b.number
            for b in self.batches
            if b.table == table and b.rows and b.number not in self.compacted and b.number not in self.expired
        ]

    def live_compactions(self, table: str | None = None) -> list[CompactionLeaf]:
        """The compactions whose file should be there; of one table, or of all."""
        return [
            c
            for c in self.compactions.values()
            if table in (None, c.table) and not self.expired.issuperset(numbers_of(c.batches))
        ]

    def of_stream(self, table: str, stream: str) -> list[BatchHeader]:
        """The batches of one file, in the order of its bytes."""
        return [b for b in self.batches if b.table == table and b.file.stream == stream]

    def begins_longer(self, table: str, head: bytes) -> list[Position]:
        """Files read before into this table whose head is longer than all that `head` holds of a short file."""
        return [
            position
            for (of, _), position in self.positions.items()
            if of == table and position.file.head_bytes > len(head)
        ]

    def begins_like(self, table: str, head: bytes, mac: Callable[[bytes], str]) -> list[Position]:
        """Files read before into this table whose head is the beginning of `head`, the furthest read first."""
        found = []
        for size in self.head_sizes:
            if size <= len(head):
                streams = self.by_head.get((table, size, mac(head[:size])), ())
                found += [self.positions[table, stream] for stream in streams]
        return sorted(found, key=lambda position: -position.file.end)

    def _take(self, leaf: Leaf | None) -> None:
        index, self.size = self.size, self.size + 1
        if leaf is None:
            return
        at = written_at(leaf)
        self.newest = at if isinstance(leaf, ClockLeaf) else max(self.newest, at)
        if isinstance(leaf, BatchHeader):
            self._entry[leaf.number] = index
            self._add_batch(leaf)
        elif isinstance(leaf, LogLeaf):
            self.log = self.log or leaf
        elif isinstance(leaf, KeyLeaf):
            self.rotations.append(leaf)
        elif isinstance(leaf, ClockLeaf):
            self.clocks.append(leaf)
        elif isinstance(leaf, KeysLeaf):
            self.period_keys[leaf.period] = leaf.sha256
        elif isinstance(leaf, CompactionLeaf):
            self.compactions[leaf.number] = leaf
            self.compacted.update(dict.fromkeys(numbers_of(leaf.batches), leaf.number))
        elif isinstance(leaf, ExpiryLeaf):
            self.expiries.append(leaf)
            self.expired.update(numbers_of(leaf.batches))
        elif isinstance(leaf, HoldLeaf):
            self.holds.setdefault(
                leaf.id, leaf
            )  # a second one of that name must not take the first one's place
        elif isinstance(leaf, LiftLeaf):
            self.lifts.setdefault(leaf.hold, []).append(leaf)
        elif isinstance(leaf, ErasureLeaf):
            self._add_erasure(leaf)
        elif isinstance(leaf, AskLeaf):
            self.asks.setdefault(leaf.ask, {}).setdefault(leaf.n, leaf)  # the first one counts
        elif isinstance(leaf, CustodyLeaf) and leaf.verb == REPORT and leaf.sealed:
            self.reports.append(leaf)  # the entry without a seal is of the look before it

    def _add_batch(self, header: BatchHeader) -> None:
        self._at[header.number] = len(self.batches)
        self.batches.append(header)
        lines = header.line_from - 1 + header.line_count
        key = (header.table, header.file.stream)
        if key not in self.positions:
            head = (header.table, header.file.head_bytes, header.file.head_mac)
            self.by_head.setdefault(head, []).append(header.file.stream)
            self.head_sizes.add(header.file.head_bytes)
        self.positions[key] = Position(header.table, header.source, header.file, lines)
        self.next_seq[header.source] = max(self.next_seq[header.source], header.seq_to + 1)

    def _add_erasure(self, leaf: ErasureLeaf) -> None:
        self.erasures.append(leaf)
        self.period_keys[leaf.period] = leaf.keys
        for number, rows in leaf.rows.items():
            self.erased[int(number)] += rows
        for number, files in leaf.files.items():
            self._hashes.update({(int(number), kind): made for kind, made in files.items()})
        for number, (rows, made) in leaf.compacted.items():
            before = self.compactions[int(number)]
            self.compactions[int(number)] = CompactionLeaf(
                at=before.at,
                number=before.number,
                table=before.table,
                source=before.source,
                batches=before.batches,
                rows=rows,
                sha256=made,
            )
