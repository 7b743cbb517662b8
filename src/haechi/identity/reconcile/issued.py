"""All issued credentials in memory, sorted: 16 bytes each, and the question whether one is among them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from haechi.identity.reconcile.keys import BUCKET_BITS, BUCKETS, Halves, Numbers, Places, edges, order_of


@dataclass(frozen=True)
class Run:
    """Some credentials, sorted by bucket and nearly within it. `begins`: where each bucket begins in them."""

    rows: Halves
    begins: Places

    @classmethod
    def of(cls, rows: Halves) -> Run:
        ordered = rows.take(order_of(np.ascontiguousarray(rows[:, 0])), axis=0)
        return cls(ordered, edges(ordered[:, 0]))

    def bucket(self, n: int) -> Halves:
        return self.rows[self.begins[n] : self.begins[n + 1]]


@dataclass(frozen=True)
class Issued:
    """Issued credentials: `first` in ascending order, `last` beside it. `odd`: those that are not 16 bytes long."""

    first: Numbers
    last: Numbers
    begins: Places
    odd: frozenset[bytes] = field(default=frozenset())

    @classmethod
    def of(cls, runs: Iterable[Run], odd: Iterable[bytes] = (), threads: int = 1) -> Issued:
        """Merge runs, bucket by bucket."""
        all_runs = list(runs)
        sizes = np.sum([np.diff(run.begins) for run in all_runs] or [np.zeros(BUCKETS, np.int64)], axis=0)
        begins = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        first, last = np.empty(begins[-1], np.uint64), np.empty(begins[-1], np.uint64)

        def merge(n: int) -> None:
            rows = np.concatenate([run.bucket(n) for run in all_runs])
            one = np.ascontiguousarray(rows[:, 0])
            order = order_of(one, BUCKET_BITS)
            sorted_first = one.take(order)
            if (
                sorted_first[1:] < sorted_first[:-1]
            ).any():  # alike in all bits that were sorted by: hardly ever
                order = np.argsort(one, kind="stable")
                sorted_first = one.take(order)
            part = slice(begins[n], begins[n + 1])
            first[part], last[part] = sorted_first, rows[:, 1].take(order)

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(merge, np.flatnonzero(sizes)))
        return cls(first, last, begins, frozenset(odd))

    def __len__(self) -> int:
        return len(self.first) + len(self.odd)

    def lacks(self, rows: Halves) -> Places:
        """Which of these credentials (their places) were never issued. Exact: all 16 bytes are compared."""
        order = order_of(np.ascontiguousarray(rows[:, 0]))
        rows = rows.take(order, axis=0)
        first, last = np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1])
        begins = edges(first)
        lacking = [
            self._lacks(n, first[begins[n] : begins[n + 1]], last[begins[n] : begins[n + 1]]) + begins[n]
            for n in np.flatnonzero(np.diff(begins)).tolist()
        ]
        return order[np.concatenate(lacking)] if lacking else np.empty(0, np.int64)

    def _lacks(self, bucket: int, first: Numbers, last: Numbers) -> Places:
        begin, end = self.begins[bucket], self.begins[bucket + 1]
        there, beside = self.first[begin:end], self.last[begin:end]
        if begin == end:
            return np.arange(len(first), dtype=np.int64)
        at = np.searchsorted(there, first)
        # Behind the end: the last one, which is less than what is sought.
        near = np.minimum(at, len(there) - 1)
        found: npt.NDArray[np.bool_] = there.take(near) == first
        found &= beside.take(near) == last
        left = np.flatnonzero(~found)
        # Several may share the first half: all of them are looked at.
        step = left[(at[left] < len(there)) & (there[near[left]] == first[left])]
        while len(step):
            at[step] += 1
            step = step[(at[step] < len(there))]
            step = step[there[at[step]] == first[step]]
            found[step] = beside[at[step]] == last[step]
            step = step[~found[step]]
        return np.flatnonzero(~found)
