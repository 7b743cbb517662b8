"""Keep the memory that blocks are worked in, instead of giving it back and asking for it again.

Each block needs a few hundred megabytes for half a second. The C library returns them to the kernel after every
block and has them zeroed anew for the next one: a fifth of the time went there. One arena for all threads, because
the others are trimmed however they are set. Only glibc has these switches; elsewhere nothing is changed.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from typing import Final

import pyarrow as pa

from haechi.workspace.units import memory_bytes

# malloc.h of glibc
_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8

_LARGEST_MMAP_THRESHOLD: Final = 32 << 20  # more is refused
_KEPT: Final = (1 << 31) - 1
_STEP: Final = 64 << 20

MOST_WORKERS: Final = 8
_PROGRAM: Final = 300 << 20  # the interpreter, the libraries, their caches
_OF_A_BLOCK: Final = (
    8  # what becomes of a block takes so many times its bytes, measured with JSON and combined lines
)
_WORTHWHILE: Final = 8 << 20  # a smaller block costs more to begin and to commit than a worker less
_SMALLEST: Final = 1 << 20


def shape_for(memory: str, threads: int, most: int) -> tuple[int, int]:
    """How many workers, and how many bytes a block has (`most` at most), so that all stay within this memory.

    One block more than workers is in memory. With less than some 300 MB, blocks are as small as is sensible, and
    what the program itself takes is more than was allowed.
    """
    workers = threads or min(os.cpu_count() or 1, MOST_WORKERS)
    free = max(memory_bytes(memory) - _PROGRAM, 0)
    while workers > 1 and free // (_OF_A_BLOCK * (workers + 1)) < min(_WORTHWHILE, most):
        workers -= 1
    return workers, min(most, max(_SMALLEST, free // (_OF_A_BLOCK * (workers + 1))))


@cache
def keep_memory() -> bool:
    """Set the allocator once a process. Whether it could be set."""
    if not sys.platform.startswith("linux"):
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is None:
        return False
    options = {
        _ARENA_MAX: 1,
        _MMAP_THRESHOLD: _LARGEST_MMAP_THRESHOLD,
        _TRIM_THRESHOLD: _KEPT,
        _TOP_PAD: _STEP,
    }
    done = [set_option(option, value) == 1 for option, value in options.items()]
    pa.set_memory_pool(pa.system_memory_pool())
    return all(done)
