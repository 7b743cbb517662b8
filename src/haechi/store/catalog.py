"""The log as catalog: which batches exist, and how far each file has been read.

Built by reading the leaves that the checkpoint covers; nothing else says what exists.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from haechi.store.header import BatchHeader, FileSpan, parse_leaf


@dataclass(frozen=True)
class Position:
    """How far a file has been read: the last batch made from it."""

    table: str
    source: str
    file: FileSpan
    lines: int  # lines of the file that are behind us


@dataclass
class Catalog:
    """All committed batches, in the order of the log. Only the writer adds to it, after the commit."""

    batches: list[BatchHeader] = field(default_factory=list)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)  # (table, stream)
    next_seq: defaultdict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))  # by source
    # (table, bytes of the head, its SHA-256) -> streams, so that a file is known again among thousands at once
    by_head: dict[tuple[str, int, str], list[str]] = field(default_factory=dict)
    head_sizes: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> Catalog:
        catalog = cls()
        for index, leaf in enumerate(leaves):
            header = parse_leaf(leaf, index)
            if header is not None:
                catalog.add(header)
        return catalog

    @property
    def next_number(self) -> int:
        return self.batches[-1].number + 1 if self.batches else 0

    def add(self, header: BatchHeader) -> None:
        self.batches.append(header)
        lines = header.line_from - 1 + header.line_count
        key = (header.table, header.file.stream)
        if key not in self.positions:
            head = (header.table, header.file.head_bytes, header.file.head_sha256)
            self.by_head.setdefault(head, []).append(header.file.stream)
            self.head_sizes.add(header.file.head_bytes)
        self.positions[key] = Position(header.table, header.source, header.file, lines)
        self.next_seq[header.source] = max(self.next_seq[header.source], header.seq_to + 1)

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

    def begins_like(self, table: str, head: bytes) -> list[Position]:
        """Files read before into this table whose head is the beginning of `head`, the furthest read first."""
        found = []
        for size in self.head_sizes:
            if size <= len(head):
                print_of_head = hashlib.sha256(head[:size]).hexdigest()
                streams = self.by_head.get((table, size, print_of_head), ())
                found += [self.positions[table, stream] for stream in streams]
        return sorted(found, key=lambda position: -position.file.end)
