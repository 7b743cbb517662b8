"""Batches against the log: every leaf is made anew from what stands in the files, and compared one by one.

Batches are checked in groups: those whose records stand in one file. That is one batch with its own file, or all
batches of a compaction. Records may come in any order, so a compacted file is read once from end to end.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from haechi.evidence import blind
from haechi.evidence.hashing import DIGEST, Hashes
from haechi.proof.verdict import Verdict
from haechi.proof.verify_store_files import Shelf
from haechi.proof.verify_store_rows import (
    NO_TIME,
    UNREADABLE,
    Numbers,
    Raw,
    Rows,
    hashed,
    read_chunks,
    read_raw,
)
from haechi.store import layout
from haechi.store.header import BatchHeader
from haechi.store.leaves_file import LeavesFile

SEEN: Final = 1  # flags of a unit: its row was found
ASIDE: Final = 2  # among the lines set aside
WRONG: Final = 4  # its leaf is another than the one that was sealed
TWICE: Final = 8  # more than one row claims to be it

_IN_MEMORY: Final = 1 << 20  # units; arrays of more lie in a file without a name
_SLACK: Final = 1 << 20  # bytes that altered raw lines may have more than twice those that were sealed
_WAITING: Final = 4  # chunks between reading and hashing
_NAMES: Final = {
    "aside": "its list of lines set aside is",
    "raw": "its raw lines are",
    "leaves": "its leaf hashes are",
}


@dataclass
class Member:
    """One batch while it is checked.

    files:   what is wrong with its files, by kind
    leaves:  its leaf hashes, where they can be read
    trusted: whether these give the root that the log tells
    """

    header: BatchHeader
    base: int  # where its units begin in the arrays of its group
    files: dict[str, Verdict] = field(default_factory=dict)
    leaves: LeavesFile | None = None
    trusted: bool = False
    raw: Raw | None = None
    aside: int | None = None  # lines set aside that were found; None: not readable
    rows: int = 0
    first: int | None = None
    last: int | None = None
    sent: int = 0

    def gone(self, kind: str) -> bool:
        """Whether one of its files is not there to be read."""
        return kind in self.files and self.files[kind].state == "missing"

    @property
    def units(self) -> slice:
        return slice(self.base, self.base + self.header.units)

    @property
    def thing(self) -> str:
        return f"batch {self.header.number}"


class Group:
    """Batches of one source whose records stand in one file."""

    def __init__(self, shelf: Shelf, headers: Sequence[BatchHeader]) -> None:
        self.shelf = shelf
        ordered = sorted(headers, key=lambda header: header.seq_from)
        counts = np.array([header.units for header in ordered], np.int64)
        self.bases: Numbers = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        self.members = [Member(header, int(base)) for header, base in zip(ordered, self.bases, strict=False)]
        self.seq_from = np.array([header.seq_from for header in ordered], np.int64)
        self.counts = counts
        total = int(self.bases[-1])
        self.flags: npt.NDArray[np.uint8] = np.zeros(total, np.uint8)
        self.raw, self.stated = _hashes(total), _hashes(total)
        self.made: Hashes | None = None  # kept only where the stated leaves cannot be trusted
        self.batch_keys: Hashes = np.zeros((len(ordered), DIGEST), np.uint8)
        self.able = np.zeros(len(ordered), bool)  # whether a batch's leaves can be made anew
        self.foreign = 0  # rows that are no unit of any of these batches
        self.broken = ""  # why the records could not be read to their end
        self._lock = threading.Lock()

    def load(self, at: int) -> None:
        """Read all of a batch but its records."""
        member = self.members[at]
        self._compare(member)
        self._load_leaves(at, member)
        self._load_raw(member)
        self.able[at] = (
            member.leaves is not None
            and member.raw is not None
            and member.header.period in self.shelf.period_keys
        )
        self._load_aside(member)

    def read(self, records: Path, table: str, source: str, pool: Executor | None = None) -> None:
        """Read the records and compare each with its leaf."""
        waiting: deque[Future[None]] = deque()

        def take(chunk: pa.RecordBatch) -> None:
            self.take(hashed(chunk, table, source))

        try:
            for chunk in read_chunks(records, table):
                if pool is None:
                    take(chunk)
                    continue
                waiting.append(pool.submit(take, chunk))
                if len(waiting) > _WAITING:
                    waiting.popleft().result()
            for future in waiting:
                future.result()
        except UNREADABLE as error:
            self.broken = type(error).__name__

    def take(self, rows: Rows, aside: bool = False) -> None:
        """Compare rows, in any order, with their leaves."""
        at = np.searchsorted(self.seq_from, rows.seqs, "right") - 1
        within = rows.seqs - self.seq_from[at]
        own = (at >= 0) & (within >= 0) & (within < self.counts[at]) & ~rows.foreign
        self._mark(at[own], self.bases[at[own]] + within[own], int((~own).sum()), aside)
        if not aside:
            self._count(at[own], rows.times[own], rows.sent[own])
        self._compare_leaves(at, within, own & self.able[at], rows)

    def _mark(self, at: Numbers, places: Numbers, foreign: int, aside: bool) -> None:
        once, counts = np.unique(places, return_counts=True)
        with self._lock:
            self.foreign += foreign
            again = once[(counts > 1) | (self.flags[once] & SEEN > 0)]
            self.flags[once] |= SEEN | (ASIDE if aside else 0)
            self.flags[again] |= TWICE

    def _count(self, at: Numbers, times: Numbers, sent: Numbers) -> None:
        order = np.argsort(at, kind="stable")
        at, times, sent = at[order], times[order], sent[order]
        batches, starts = np.unique(at, return_index=True)
        ends = np.append(starts[1:], len(at))
        for batch, start, end in zip(batches, starts, ends, strict=True):
            known = times[start:end]
            known = known[known != NO_TIME]
            member = self.members[batch]
            with self._lock:
                member.rows += int(end - start)
                member.sent += int(sent[start:end].sum())
                if len(known):
                    first, last = int(known.min()), int(known.max())
                    member.first = first if member.first is None else min(member.first, first)
                    member.last = last if member.last is None else max(member.last, last)

    def _compare_leaves(self, at: Numbers, within: Numbers, which: npt.NDArray[np.bool_], rows: Rows) -> None:
        periods = [member.header.period for member in self.members]
        for period in dict.fromkeys(periods):
            of_period = np.array([name == period for name in periods])
            chosen = np.flatnonzero(which & of_period[at])
            if not len(chosen):
                continue
            batches = at[chosen]
            places = self.bases[batches] + within[chosen]
            keys = self.shelf.period_keys[period].person_keys(rows.persons[chosen])
            blinds = blind.blinds(keys, self.batch_keys[batches], rows.seqs[chosen])
            made = blind.leaf_hashes(blind.leaf_bytes(blinds, self.raw[places], rows.records[chosen]))
            wrong = (made != self.stated[places]).any(axis=1)
            with self._lock:
                self.flags[places[wrong]] |= WRONG
                if self.made is not None:
                    self.made[places] = made

    def _compare(self, member: Member) -> None:
        header = member.header
        for kind, what in _NAMES.items():
            wanted = self.shelf.catalog.file_hash(header.number, kind)
            if not wanted and (kind != "aside" or header.set_aside):
                told = f"{what} not named by the log, though the batch has them"
                member.files[kind] = Verdict(member.thing, "altered", told)
                continue
            path = self.shelf.at(layout.batch_files(self.shelf.root, header.number)[kind])
            found = self.shelf.compare(member.thing, what, path, wanted, header.units) if wanted else None
            if found is not None:
                member.files[kind] = found

    def _load_leaves(self, at: int, member: Member) -> None:
        if member.gone("leaves"):
            return
        try:
            leaves = LeavesFile.open(self.shelf.file(layout.leaves_file, member.header.number))
        except UNREADABLE:
            return
        if leaves.count != member.header.units:
            return
        self.stated[member.units] = leaves.hashes
        self.batch_keys[at] = np.frombuffer(leaves.batch_key, np.uint8)
        member.leaves = leaves
        member.trusted = leaves.root().hex() == member.header.root
        with self._lock:
            if not member.trusted and self.made is None:
                self.made = _hashes(len(self.flags))

    def _load_raw(self, member: Member) -> None:
        if member.gone("raw"):
            return
        try:
            raw = read_raw(
                self.shelf.file(layout.raw_file, member.header.number),
                self.shelf.store_key or b"",
                member.header.units,
                2 * member.header.raw_bytes + _SLACK,
            )
        except UNREADABLE:
            return
        if len(raw.hashes) == member.header.units:
            self.raw[member.units] = raw.hashes
            member.raw = raw

    def _load_aside(self, member: Member) -> None:
        header = member.header
        member.aside = None if member.gone("aside") else 0
        if member.aside is None:
            return
        if not header.set_aside and "aside" not in header.files:
            return
        try:
            for chunk in read_chunks(self.shelf.file(layout.aside_file, header.number), "aside"):
                rows = hashed(chunk, "aside", header.source)
                member.aside += len(rows.seqs)
                self.take(rows, aside=True)
        except UNREADABLE:
            member.aside = None


def _hashes(count: int) -> Hashes:
    """Room for hashes: in memory, or for many in a file that goes when nobody holds it."""
    if count <= _IN_MEMORY:
        return np.zeros((count, DIGEST), np.uint8)
    return np.memmap(tempfile.TemporaryFile(), np.uint8, "w+", shape=(count, DIGEST))
