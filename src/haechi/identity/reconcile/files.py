"""Reconcile whole Parquet files: which presentations carry a credential that is in none of the issuance files.

Issuance is read once and kept sorted in memory (16 bytes a record, twice that while it is merged). Presentations pass
by in slices, each sorted and looked up bucket by bucket, so memory does not grow with them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from haechi.collect.memory import keep_memory
from haechi.identity.reconcile.issued import Issued, Run
from haechi.identity.reconcile.keys import halves_of

# Credentials at once. What is worked in stays below what the allocator gives back, and near the processor.
RUN = 1 << 20  # that are sorted
LOOK = 1 << 17  # that are looked up
COLUMN = "credential"
T = TypeVar("T")


@dataclass(frozen=True)
class Presented:
    """A presentation that nothing vouches for: the file, and the row in it, from 0."""

    file: Path
    row: int


@dataclass(frozen=True)
class Reconciled:
    """What came of it, in credentials; NULLs are not among them."""

    issued: int
    presented: int
    never_issued: list[Presented]


def reconcile(presented: Sequence[Path], issued: Sequence[Path], threads: int = 2) -> Reconciled:
    """Find every presentation of a credential that no issuance record holds; exact, in the order of files and rows."""
    keep_memory()
    with ThreadPoolExecutor(threads) as pool:
        known = read_issued(issued, pool, threads)
        count, found = 0, list[Presented]()
        for size, lacking in _ahead(pool, threads, _slices(presented, LOOK), lambda one: _look(known, one)):
            count += size
            found += lacking
    return Reconciled(len(known), count, found)


def read_issued(files: Sequence[Path], pool: ThreadPoolExecutor, threads: int) -> Issued:
    """All credentials of these files."""
    runs: list[Run] = []
    odd: set[bytes] = set()
    for run, others in _ahead(pool, threads, _slices(files, RUN), _run):
        odd.update(others)
        if run is not None:
            runs.append(run)
    return Issued.of(runs, odd, threads)


@dataclass(frozen=True)
class _Slice:
    file: Path
    row: int  # of the first
    column: pa.Array


def _slices(files: Sequence[Path], size: int) -> Iterator[_Slice]:
    for file in files:
        row = 0
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(size, columns=[COLUMN], use_threads=False):
                yield _Slice(file, row, batch.column(0))
                row += len(batch)


def _run(part: _Slice) -> tuple[Run | None, list[bytes]]:
    rows, _, odd = halves_of(part.column)
    return Run.of(rows) if len(rows) else None, [value for _, value in odd]


def _look(issued: Issued, part: _Slice) -> tuple[int, list[Presented]]:
    rows, places, odd = halves_of(part.column)
    missing = places[issued.lacks(rows)].tolist()
    missing += [place for place, value in odd if value not in issued.odd]
    return len(rows) + len(odd), [Presented(part.file, part.row + place) for place in sorted(missing)]


def _ahead(
    pool: ThreadPoolExecutor, threads: int, parts: Iterable[_Slice], work: Callable[[_Slice], T]
) -> Iterator[T]:
    """`work` on every part, in order; no more parts are read than are worked on and one in waiting."""
    waiting: deque[Future[T]] = deque()
    for part in parts:
        waiting.append(pool.submit(work, part))
        if len(waiting) > threads:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
