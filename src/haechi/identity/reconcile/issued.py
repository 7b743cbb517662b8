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
        """Which of these credentials (their places, in no order) were never issued. Exact: by all 16 bytes."""
        order = order_of(np.ascontiguousarray(rows[:, 0]))
        rows = rows.take(order, axis=0)
        first, last = np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1])
        # A credential is presented again and again, mostly within a short time: alike ones are looked up once.
        fresh = np.ones(len(first), np.bool_)
        fresh[1:] = first[1:] != first[:-1]
        fresh[1:] |= last[1:] != last[:-1]
        heads = np.flatnonzero(fresh)
        lacking: Places = heads[~self._holds(first.take(heads), last.take(heads))]
        if not len(lacking):
            return lacking
        ends = np.append(heads, len(first))[np.searchsorted(heads, lacking) + 1]
        everyone: Places = np.concatenate([np.arange(a, b) for a, b in zip(lacking, ends, strict=True)])
        return order.take(everyone)

    def _holds(self, first: Numbers, last: Numbers) -> npt.NDArray[np.bool_]:
        """Whether each of these, in about ascending order, was issued."""
        if not len(self.first):
            return np.zeros(len(first), np.bool_)
        at = np.empty(len(first), np.int64)
        begins = edges(first)
        for n in np.flatnonzero(np.diff(begins)).tolist():
            part = at[begins[n] : begins[n + 1]]
            part[:] = self.first[self.begins[n] : self.begins[n + 1]].searchsorted(
                first[begins[n] : begins[n + 1]]
            )
            part += self.begins[n]
        # Behind the end stands nothing: the last one is taken there, which is less than what is sought.
        found: npt.NDArray[np.bool_] = self.first.take(at, mode="clip") == first
        near = found.copy()
        found &= self.last.take(at, mode="clip") == last
        # Several may share the first half: all of them are looked at.
        step = np.flatnonzero(near & ~found)
        while len(step):
            at[step] += 1
            step = step[at[step] < len(self.first)]
            step = step[self.first[at[step]] == first[step]]
            found[step] = self.last[at[step]] == last[step]
            step = step[~found[step]]
        return found
