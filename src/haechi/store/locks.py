"""Three locks of a store, each a file that processes lock: the system frees them when a process dies.

writer   one process collects, compacts, expires or erases
append   whoever adds entries to the log, for a moment: people look at data while a collection runs
readers  shared by all who read files; what is superseded is removed only when nobody does
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haechi.model.errors import StoreError
from haechi.store import layout


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Be the one writer. Raises `StoreError` at once where another process is."""
    with _held(layout.lock_file(root), fcntl.LOCK_EX | fcntl.LOCK_NB) as held:
        if not held:
            raise StoreError(
                "another process is writing to this store",
                where=str(root),
                kept="the other process goes on undisturbed; nothing was read twice",
                todo="wait until it has finished, then run the same command again",
            )
        yield


@contextmanager
def appending(root: Path) -> Iterator[None]:
    """Append to the log alone. Waits: everybody holds this for a moment only."""
    with _held(layout.append_lock_file(root), fcntl.LOCK_EX):
        yield


@contextmanager
def reading(root: Path) -> Iterator[None]:
    """Keep files from being removed that were seen since. In a store that nobody may write to: nothing."""
    try:
        descriptor = os.open(layout.readers_lock_file(root), os.O_RDONLY | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unread(root: Path) -> Iterator[bool]:
    """Whether nobody reads now; then nobody begins to until the block ends."""
    with _held(layout.readers_lock_file(root), fcntl.LOCK_EX | fcntl.LOCK_NB) as held:
        yield held


@contextmanager
def _held(file: Path, how: int) -> Iterator[bool]:
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise disk_error(error, file.parent) from error
    try:
        yield _locked(descriptor, how)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return False
    return True


def disk_error(error: OSError, root: Path) -> StoreError:
    """The sentence for an operating system error while writing the store."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreError(
        "the disk is full" if full else f"the store cannot be written: {os.strerror(error.errno or 0)}",
        where=str(error.filename or root),
        kept="everything committed before; the files that were read are untouched",
        todo="free some space and run the same command again"
        if full
        else "check the folder's owner and mode",
    )
