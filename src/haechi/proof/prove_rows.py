"""Rows and their proofs: each row's blind and raw bytes, checked against its sealed leaf before it is handed out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from haechi.evidence import blind
from haechi.evidence.hashing import DIGEST, Hashes
from haechi.evidence.multiproof import prove, root_of
from haechi.model.errors import StoreError
from haechi.proof import manifest as names
from haechi.proof.forms import UnitsProof
from haechi.proof.pack import Draft
from haechi.proof.prove_select import Spooled
from haechi.proof.rows import (
    Columns,
    Row,
    columns_of,
    csv_head,
    csv_lines,
    hashes_of,
    make_row,
    ordered,
    read_chunks,
    write_lines,
)
from haechi.store import canonical, layout
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.keys import StoreKeys
from haechi.store.leaves_file import LeavesFile
from haechi.store.raw_file import RawFile
from haechi.store.seal import persons_of


@dataclass
class _Open:
    """A batch whose rows are being written: their places in it, and their leaf hashes."""

    header: BatchHeader
    leaves: LeavesFile
    raw: RawFile
    indices: list[int] = field(default_factory=list)
    hashes: list[Hashes] = field(default_factory=list)


class RowWriter:
    """Writes `rows.jsonl`, `rows.csv` and the batches' proofs into a draft. Memory is bounded, whatever the rows.

    rows:    how many it wrote
    batches: the numbers of their batches
    """

    def __init__(self, root: Path, catalog: Catalog, keys: StoreKeys, drafted: Draft) -> None:
        self.root, self.catalog, self.keys, self.draft = root, catalog, keys, drafted
        self.rows = 0
        self.batches: list[int] = []
        self._places = _Places(catalog)
        self._batch: _Open | None = None

    def write(self, spools: Sequence[Spooled]) -> None:
        """Raises `StoreError` where a row is not the one that was sealed: nothing is handed out then."""
        used: frozenset[str] = frozenset()
        with self.draft.open(names.ROWS) as lines:
            for spooled in spools:
                for chunk in spooled.chunks():
                    for rows in self._rows(spooled.table, chunk):
                        write_lines(rows, lines)
                        used |= columns_of(rows)
        self._finish()
        self._tabulate(ordered(used))

    def _tabulate(self, columns: Columns) -> None:
        """The table for people. Which columns it needs is known only once the rows are written."""
        with self.draft.paths[names.ROWS].open("rb") as lines, self.draft.open(names.ROWS_CSV) as table:
            table.write(csv_head(columns))
            for rows in read_chunks(lines):
                table.write(csv_lines(rows, columns))

    def _rows(self, table: str, chunk: pa.Table) -> Iterator[list[Row]]:
        """The rows of a chunk, those of one batch together."""
        own = chunk.select(canonical.schema_of(table).names)
        texts = canonical.texts(chunk, own).to_pylist()
        sources, seqs = chunk["source"].to_pylist(), chunk["seq"].to_numpy()
        numbers = [self._places.find(source, seq) for source, seq in zip(sources, seqs.tolist(), strict=True)]
        at = 0
        runs = []
        for number, same in groupby(numbers):
            end = at + sum(1 for _ in same)
            runs.append((number, at, end))
            at = end
        blinds = self._blinds(numbers, blind.person_hashes(persons_of(table, own)), seqs)
        for number, first, end in runs:
            batch = self._opened(number)
            indices = (seqs[first:end] - batch.header.seq_from).tolist()
            yield self._sealed(batch, indices, texts[first:end], blinds[first:end])

    def _blinds(self, numbers: Sequence[int], persons: Hashes, seqs: npt.NDArray[np.int64]) -> Hashes:
        """The blinds of a chunk's rows, whichever batches and months they are of."""
        distinct = {number: self.catalog.batch(number) for number in numbers}
        keys = {number: self._leaves(number).batch_key for number in distinct}
        batch_keys = np.frombuffer(b"".join(keys[number] for number in numbers), np.uint8).reshape(-1, DIGEST)
        periods = np.array([distinct[number].period for number in numbers])
        person_keys = np.empty_like(persons)
        for period in np.unique(periods):
            mask = periods == period
            person_keys[mask] = self.keys.period(str(period)).person_keys(persons[mask])
        return blind.blinds(person_keys, batch_keys, seqs)

    def _sealed(self, batch: _Open, indices: list[int], texts: list[str], blinds: Hashes) -> list[Row]:
        """Rows of one batch, each the same as when it was sealed."""
        header = batch.header
        raws = batch.raw.units(indices)
        rows = [
            make_row(header.number, index, header.source, header.seq_from + index, text, bytes(own), raw)
            for index, text, own, raw in zip(indices, texts, blinds, raws, strict=True)
        ]
        hashes = hashes_of(rows)
        wrong = (hashes != np.asarray(batch.leaves.hashes[indices])).any(axis=1)
        if wrong.any():
            raise _altered(header, header.seq_from + indices[int(np.argmax(wrong))])
        batch.indices += indices
        batch.hashes.append(hashes)
        self.rows += len(rows)
        return rows

    def _opened(self, number: int) -> _Open:
        if self._batch is None or self._batch.header.number != number:
            self._finish()
            header = self.catalog.batch(number)
            raw = RawFile.open(layout.raw_file(self.root, number))
            self._batch = _Open(header, self._leaves(number), raw)
            self.batches.append(number)
        return self._batch

    def _leaves(self, number: int) -> LeavesFile:
        if self._batch is not None and self._batch.header.number == number:
            return self._batch.leaves
        return LeavesFile.open(layout.leaves_file(self.root, number))

    def _finish(self) -> None:
        """The proof of a batch's rows, made and tried."""
        batch, self._batch = self._batch, None
        if batch is None:
            return
        indices = np.array(batch.indices, np.int64)
        nodes = prove(batch.leaves.hashes, indices, batch.leaves.groups)
        root = root_of(np.concatenate(batch.hashes), indices, batch.header.units, nodes)
        if root is None or root.hex() != batch.header.root:
            raise _altered(batch.header)
        told = nodes.tobytes().hex()
        proof = UnitsProof(batch.header.units, [told[at : at + 64] for at in range(0, len(told), 64)])
        self.draft.add(names.units_file(batch.header.number), msgspec.json.encode(proof))


class _Places:
    """Which batch holds a source's number."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_source: dict[str, tuple[list[int], list[BatchHeader]]] = {}
        for header in catalog.batches:
            firsts, headers = self._by_source.setdefault(header.source, ([], []))
            firsts.append(header.seq_from)
            headers.append(header)

    def find(self, source: str, seq: Any) -> int:
        """Raises `StoreError` where the log knows no such number: rows that were slipped into the store."""
        firsts, headers = self._by_source.get(source, ([], []))
        at = bisect_right(firsts, seq) - 1
        if at < 0 or headers[at].seq_to < seq:
            raise StoreError(
                "the store holds a row of which the evidence log knows nothing",
                where=f"{source}, number {seq}",
                kept="nothing was handed out",
                todo="run haechi verify: it names what was altered",
            )
        return headers[at].number


def _altered(header: BatchHeader, seq: int | None = None) -> StoreError:
    place = f"{header.source}, number {seq}, batch {header.number}" if seq else f"batch {header.number}"
    return StoreError(
        "a row is not the one that was sealed when it was collected",
        where=place,
        kept="nothing was handed out",
        todo="run haechi verify: it names what was altered; restore it from a backup of the store",
    )
