"""Expiry: remove what was kept long enough, unless a hold protects it, and seal that it was removed.

The entry in the log comes first, the files go after: a crash in between leaves files that the log says are gone, and
the next process that writes removes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from haechi.model.errors import StoreError
from haechi.model.settings import Settings
from haechi.store.account import account
from haechi.store.catalog import Catalog
from haechi.store.leaves import MOST_NUMBERS, ExpiryLeaf, Range, numbers_of, ranges
from haechi.store.retention import Plan, plan_expiry
from haechi.store.store import Store, left_over, now

MOST_RANGES = 1_000  # in one entry, which holds at most 65,535 bytes
QUIET = 31 * 86_400_000_000  # microseconds without any entry, after which the clock itself is in doubt


@dataclass(frozen=True)
class Expired:
    """What was expired. `remaining`: files that are still there since somebody reads; the next writer removes them."""

    plan: Plan
    remaining: int


def preview(store: Store, settings: Settings) -> Plan:
    """What would expire now, and what would not and why."""
    return plan_expiry(store.snapshot().catalog, settings, now())


def expire(store: Store, settings: Settings, *, clock_is_right: bool = False) -> Expired:
    """Remove the files of all batches that were kept long enough and that no hold protects.

    The holds are read under the lock under which the expiry is sealed: one that was laid before is always seen.

    Raises:
        StoreError: the store is being written to, the disk is full, or the clock has leapt more than a month ahead
            of the newest entry (unless `clock_is_right`): a wrong clock would expire what must be kept.
    """
    with store.writer() as writer:
        with writer.appending():
            at = now()
            plan = plan_expiry(writer.catalog, settings, at)
            if plan.going and not clock_is_right:
                check_clock(writer.catalog, at)
            writer.append_held(list(_leaves(plan, writer.catalog, account(), at)))
        writer.tidy()
        remaining = len(left_over(store.root, writer.catalog))
    return Expired(plan, remaining)


def _in_entries(numbers: tuple[int, ...]) -> Iterator[tuple[Range, ...]]:
    """Batches as ranges, no more at a time than one entry may name."""
    for first in range(0, len(numbers), MOST_NUMBERS):
        spans = ranges(list(numbers[first : first + MOST_NUMBERS]))
        for start in range(0, len(spans), MOST_RANGES):
            yield spans[start : start + MOST_RANGES]


def check_clock(catalog: Catalog, at: int) -> None:
    """Raise `StoreError` where nothing was written for so long that the clock may be wrong."""
    if catalog.newest and at - catalog.newest > QUIET:
        raise StoreError(
            "nothing was written to this store for more than a month: if the clock of this machine is ahead, "
            "records would be removed too early",
            kept="everything; nothing was removed",
            todo="check the clock; if it is right, run the same command with --clock-is-right",
        )


def _leaves(plan: Plan, catalog: Catalog, by: str, at: int) -> Iterator[ExpiryLeaf]:
    for part in plan.going:
        for some in _in_entries(part.numbers):
            yield ExpiryLeaf(
                at=at,
                by=by,
                source=part.source,
                batches=some,
                rows=sum(catalog.batch(number).rows for number in numbers_of(some)),
                keep=part.rule.keep,
                reason=part.rule.reason,
            )
