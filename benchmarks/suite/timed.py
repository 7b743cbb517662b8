"""What a stretch of code took, measured from within its process."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Timed:
    """Seconds of wall clock and of processor (user and system, children included), and the peak of memory in MB."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


@contextmanager
def timed() -> Iterator[Timed]:
    """Measure the block. Imports belong before it, what checks the answer behind it."""
    took = Timed()
    forget_peak()
    began, before = time.perf_counter(), _busy()
    try:
        yield took
    finally:
        took.wall, took.cpu, took.peak = time.perf_counter() - began, _busy() - before, _peak()


def _busy() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def forget_peak() -> None:
    """Begin counting the peak anew, where the kernel lets us: the step before was larger, perhaps."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> float:
    """What this process held at most, and what a child of it held at most, in MB: together no less than the peak."""
    try:
        status = Path("/proc/self/status").read_text()
        own = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    except (OSError, StopIteration):
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
