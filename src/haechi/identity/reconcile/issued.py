"""All issued credentials in memory, 16 bytes each, and the question whether one is among them.

They stand in the order of their first half. Its highest bits name a cell, one or two cells a credential; a table
tells where each cell begins: a look-up is one place in the table and, mostly, one credential to compare. Sorting what
is looked up as well would cost more than it saves.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from haechi.identity.reconcile.keys import BUCKET_BITS, BUCKETS, Halves, Places, edges, order_of

MOST_BITS = 30  # of a cell's number


@dataclass(frozen=True)
class Run:
    """Some credentials, sorted by bucket and nearly within it. `begins`: where each bucket begins in them."""

    rows: Halves
    begins: Places

    @classmethod
    def of(cls, rows: Halves) -> Run:
        ordered = rows.take(order_of(np.ascontiguousarray(rows[:, 0])), axis=0)
        return cls(ordered, edges(np.ascontiguousarray(ordered[:, 0])))

    def bucket(self, n: int) -> Halves:
        return self.rows[self.begins[n] : self.begins[n + 1]]


@dataclass(frozen=True)
class Issued:
    """Issued credentials.

    rows:  in the order of their cells
    cells: where each cell begins in `rows`, and the end of the last
    shift: the first half, shifted by so many bits, is the cell
    odd:   those that are not 16 bytes long
    """

    rows: Halves
    cells: npt.NDArray[np.uint32]
    shift: np.uint64
    odd: frozenset[bytes] = field(default=frozenset())

    @classmethod
    def of(cls, runs: Iterable[Run], odd: Iterable[bytes] = (), threads: int = 1) -> Issued:
        """Merge runs, bucket by bucket. Raises `ValueError` for four thousand million credentials or more."""
        all_runs = list(runs)
        sizes = np.sum([np.diff(run.begins) for run in all_runs] or [np.zeros(BUCKETS, np.int64)], axis=0)
        begins = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        count = int(begins[-1])
        if count >= 1 << 32:
            raise ValueError("too many issued credentials for one table")
        bits = min(MOST_BITS, max(BUCKET_BITS, count.bit_length()))
        rows = np.empty((count, 2), np.uint64)
        cells = np.empty((1 << bits) + 1, np.uint32)
        cells[-1] = count
        shift, each = np.uint64(64 - bits), 1 << (bits - BUCKET_BITS)

        def merge(n: int) -> None:
            mine = np.concatenate([run.bucket(n) for run in all_runs]) if all_runs else rows
            first = np.ascontiguousarray(mine[:, 0])
            order = order_of(first, BUCKET_BITS)
            cell = (first.take(order) >> shift).view(np.int64) - n * each
            if (cell[1:] < cell[:-1]).any():  # more places than bits to sort by leave room for
                order = np.argsort(first, kind="stable")
                cell = (first.take(order) >> shift).view(np.int64) - n * each
            rows[begins[n] : begins[n + 1]] = mine.take(order, axis=0)
            held = np.bincount(cell, minlength=each)
            cells[n * each : (n + 1) * each] = begins[n] + np.cumsum(held) - held

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(merge, range(BUCKETS)))
        return cls(rows, cells, shift, frozenset(odd))

    def __len__(self) -> int:
        return len(self.rows) + len(self.odd)

    def lacks(self, rows: Halves) -> Places:
        """Which of these credentials (their places, ascending) were never issued. Exact: by all 16 bytes."""
        if not len(self.rows):
            return np.arange(len(rows), dtype=np.int64)
        cell = (rows[:, 0] >> self.shift).view(np.int64)
        at = self.cells.take(cell).astype(np.int64)
        # An empty last cell begins behind the end; whatever stands at the end is compared as a whole, too.
        near = self.rows.take(at, axis=0, mode="clip")
        near ^= rows
        left = np.flatnonzero(near[:, 0] | near[:, 1])
        at, end = at.take(left), self.cells.take(cell.take(left) + 1)
        lacking = [np.empty(0, np.int64)]
        while len(left):
            at += 1
            ended = at >= end
            lacking.append(left[ended])
            at, end, left = at[~ended], end[~ended], left[~ended]
            near, sought = self.rows.take(at, axis=0), rows.take(left, axis=0)
            differs = (near != sought).any(axis=1)
            at, end, left = at[differs], end[differs], left[differs]
        return np.sort(np.concatenate(lacking))
