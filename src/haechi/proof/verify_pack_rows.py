"""Each row of a pack, up to the head of the log: row, leaf, root of its batch, entry of the batch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, Final

import msgspec
import numpy as np

from haechi.evidence.hashing import DIGEST, Hashes
from haechi.evidence.multiproof import root_of
from haechi.model.errors import EvidenceError, HaechiError
from haechi.proof import manifest as names
from haechi.proof.forms import UnitsProof
from haechi.proof.manifest import Manifest
from haechi.proof.rows import (
    Columns,
    Row,
    columns_of,
    csv_head,
    csv_lines,
    hashes_of,
    ordered,
    read_chunks,
    read_head,
)
from haechi.proof.verdict import State, Verdict
from haechi.proof.verify_pack_archive import Archive
from haechi.proof.verify_pack_log import Base
from haechi.report.figures import count
from haechi.store.header import BatchHeader
from haechi.store.leaves import read_leaf

_NAMED: Final = 20  # faults that are named one by one
_LONGEST_HEAD: Final = 4_096  # bytes; all columns there are take a few hundred

Watcher = Callable[[BatchHeader, Sequence[Row]], None]


class _Place(msgspec.Struct):
    source: Any = None
    seq: Any = None


@dataclass
class _Batch:
    """Rows of one batch as they come: their places and leaf hashes."""

    number: int
    header: BatchHeader | None
    indices: list[int] = field(default_factory=list)
    hashes: list[Hashes] = field(default_factory=list)


class RowCheck:
    """Reads `rows.jsonl` once, in bounded memory. Without `base` (no log) only the rows' form counts.

    `watch` gets the rows of each batch whose entry stands in the log, some at a time.
    """

    def __init__(self, archive: Archive, manifest: Manifest, base: Base | None, watch: Watcher) -> None:
        self.archive, self.manifest, self.base, self.watch = archive, manifest, base, watch
        self.rows = self.batches = self.bad = 0
        self.columns = self._head()
        self.used: frozenset[str] = frozenset()
        self.table = hashlib.sha256(csv_head(self.columns))
        self.table_size = len(csv_head(self.columns))

    def run(self) -> Iterator[Verdict]:
        try:
            yield from _some(self._read())
        except EvidenceError as error:
            yield _told(
                "rows", "altered", f"the rows cannot be read: {error.what}", f"{names.ROWS}, {error.where}"
            )
            return
        told = (self.rows, self.batches)
        if told != (self.manifest.rows, self.manifest.batches):
            yield _told(
                "rows",
                "missing",
                f"the manifest speaks of {count(self.manifest.rows, 'row')} of "
                f"{count(self.manifest.batches, 'batch')}; here are {told[0]:,} of {told[1]:,}",
                names.ROWS,
            )
            self.bad += 1
        if self.base is not None and not self.bad:
            yield _told(
                "rows",
                "whole",
                f"the log holds {count(self.rows, 'row')} as here" if self.rows else "the pack holds no row",
                names.ROWS,
                self.rows,
            )
        entry = self.manifest.files.get(names.ROWS_CSV)
        made = (self.table_size, self.table.hexdigest())
        left_out = (
            ordered(self.used) != self.columns
        )  # a column that says something, or shown ones that do not
        if entry is not None and ((entry.bytes, entry.sha256) != made or left_out):
            yield _told(
                "rows", "altered", "the table for people does not say what the rows say", names.ROWS_CSV
            )

    def _head(self) -> Columns:
        """The columns that the table for people says that it has: without them it cannot be made again."""
        try:
            with self.archive.open(names.ROWS_CSV) as file:
                return read_head(file.readline(_LONGEST_HEAD))
        except EvidenceError:  # the manifest's verdict tells that it is not there
            return ()

    def _read(self) -> Iterator[Verdict]:
        batch: _Batch | None = None
        seen: set[int] = set()
        with self.archive.open(names.ROWS) as file:
            for chunk in read_chunks(file):
                self._tabulate(chunk)
                for number, rows in groupby(chunk, lambda row: row.batch):
                    if batch is None or batch.number != number:
                        yield from self._finish(batch)
                        if number in seen:
                            yield self._fault("rows of a batch stand apart from each other", number)
                        seen.add(number)
                        header, wrong = self._header(number)
                        yield from wrong
                        batch = _Batch(number, header)
                    yield from self._take(batch, list(rows))
        yield from self._finish(batch)
        self.batches = len(seen)

    def _tabulate(self, rows: Sequence[Row]) -> None:
        try:
            self.used |= columns_of(rows)
            lines = csv_lines(rows, self.columns)
        except (ValueError, RecursionError):
            raise EvidenceError("a record is not JSON") from None
        self.table.update(lines)
        self.table_size += len(lines)

    def _header(self, number: int) -> tuple[BatchHeader | None, list[Verdict]]:
        """The entry of a batch, shown to stand in the log."""
        if self.base is None:
            return None, []
        try:
            data = self.archive.read(names.header_file(number))
            index = self.base.entry(data, names.entry_proof_file(number))
            header = read_leaf(data, index)
        except HaechiError as error:
            return None, [self._fault(f"the entry of a batch does not hold: {error.what}", number)]
        if not isinstance(header, BatchHeader) or header.number != number:
            return None, [self._fault("the entry of a batch is another one's", number)]
        return header, []

    def _take(self, batch: _Batch, rows: list[Row]) -> Iterator[Verdict]:
        self.rows += len(rows)
        try:
            batch.hashes.append(hashes_of(rows))
        except (ValueError, UnicodeEncodeError):
            yield self._fault("a row's blind or raw bytes are unreadable", batch.number)
            batch.hashes.append(np.zeros((len(rows), DIGEST), np.uint8))
        batch.indices += [row.index for row in rows]
        if batch.header is None:
            return
        for row in rows:
            wrong = _misplaced(row, batch.header)
            if wrong:
                yield self._fault(wrong, batch.number, row)
        self.watch(batch.header, rows)

    def _finish(self, batch: _Batch | None) -> Iterator[Verdict]:
        """The rows of one batch must lead to the root that its entry tells."""
        if batch is None or batch.header is None:
            return
        where = names.units_file(batch.number)
        try:
            proof = msgspec.json.decode(self.archive.read(where), type=UnitsProof)
            nodes = np.frombuffer(b"".join(map(_digest, proof.nodes)), np.uint8).reshape(-1, DIGEST)
            indices = np.array(batch.indices, np.int64)
        except (EvidenceError, msgspec.DecodeError, ValueError, OverflowError, RecursionError):
            yield self._fault("the proof of its rows cannot be read", batch.number)
            return
        root = root_of(np.concatenate(batch.hashes), indices, batch.header.units, nodes)
        if root is None or root.hex() != batch.header.root or proof.leaves != batch.header.units:
            yield self._fault(
                f"its {count(len(batch.indices), 'row')} here are not those that were sealed: one of them was "
                "changed, added or dropped",
                batch.number,
            )

    def _fault(self, sentence: str, number: int, row: Row | None = None) -> Verdict:
        self.bad += 1
        source, seq = (row.source, row.seq) if row else ("", None)
        return Verdict(f"batch {number}", "altered", sentence, names.ROWS, source=source, seq=seq)


def _some(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    """The first of many verdicts, and how many more there were: a pack may be made to have millions."""
    yield from islice(verdicts, _NAMED)
    more = sum(1 for _ in verdicts)
    if more:
        yield _told("rows", "altered", f"{count(more, 'more fault')} of this kind", names.ROWS, more)


def _misplaced(row: Row, header: BatchHeader) -> str:
    """Why a row is not where it says that it is; "" where it is."""
    if row.source != header.source or row.seq != header.seq_from + row.index:
        return "a row names another source or number than its place in the batch has"
    try:
        told = msgspec.json.decode(row.record, type=_Place)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return "a row's record is not JSON"
    if (told.source, told.seq) != (row.source, row.seq):
        return "a row's record names another source or number than the row"
    return ""


def _digest(text: str) -> bytes:
    data = bytes.fromhex(text)
    if len(data) != DIGEST:
        raise ValueError("a hash is 32 bytes")
    return data


def _told(thing: str, state: State, sentence: str, where: str = "", count: int = 1) -> Verdict:
    return Verdict(thing, state, sentence, where, count=count)
