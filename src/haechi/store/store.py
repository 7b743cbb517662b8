"""A store's folder: open it, take the writer's lock, commit batches, see a snapshot.

Commit = write files, sync, rename, append the header's leaf, replace the checkpoint. A crash at any point leaves
either the old checkpoint or the new one; files that no checkpoint covers are removed by the next writer.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from haechi.evidence import durable
from haechi.evidence.log import Log
from haechi.model.errors import StoreError
from haechi.store import layout
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.prepare import Prepared

ORIGIN_FILE = "origin"


@dataclass(frozen=True)
class Snapshot:
    """The batches that one checkpoint covers. What is committed later is not in it."""

    root: Path
    checkpoint: str  # "ORIGIN SIZE ROOT", on one line, the root as in the checkpoint
    batches: tuple[BatchHeader, ...]

    def files(self, table: str) -> list[Path]:
        return [layout.records_file(self.root, b.number) for b in self.batches if b.table == table and b.rows]

    def aside_files(self) -> list[Path]:
        return [layout.aside_file(self.root, b.number) for b in self.batches if b.set_aside]


class Writer:
    """The one process that may change the store, while it holds the lock."""

    def __init__(self, root: Path, log: Log, catalog: Catalog) -> None:
        self.root, self.log, self.catalog = root, log, catalog

    def commit(self, batches: Sequence[tuple[Prepared, BatchHeader]]) -> None:
        """Make these batches exist, all or none, in order. `StoreError` if the disk is full: nothing is lost."""
        try:
            folders = set()
            for prepared, _ in batches:
                for waiting, place in prepared.files:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    waiting.replace(place)
                    folders.add(place.parent)
            for folder in folders:
                durable.sync_directory(folder)
            self.log.append([header.leaf() for _, header in batches])
        except OSError as error:
            raise disk_error(error, self.root) from error
        for _, header in batches:
            self.catalog.add(header)


class Store:
    """The folder. Reading needs no lock; `writer()` takes it."""

    def __init__(self, root: Path, origin: str) -> None:
        self.root, self.origin = root, origin

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open the store in `root`, making it if there is none."""
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
            root.mkdir(mode=0o700, exist_ok=True)  # it holds whole log lines, names, registries
            layout.tmp_folder(root).mkdir(exist_ok=True)
            name = root / ORIGIN_FILE
            if not name.exists():
                _name_store(name)
            return cls(root, name.read_text(encoding="ascii").strip())
        except OSError as error:
            raise disk_error(error, root) from error

    def snapshot(self) -> Snapshot:
        log = Log(self.root, self.origin)
        log.open()
        return self._snapshot(log, Catalog.of(log.entries()))

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """Hold the writer's lock, with everything removed that no checkpoint covers."""
        with _lock(self.root) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    raise
                raise StoreError(
                    "another process is writing to this store",
                    where=str(self.root),
                    kept="the other process goes on undisturbed; nothing was read twice",
                    todo="wait until it has finished, then run the same command again",
                ) from None
            log = Log(self.root, self.origin)
            log.open()
            log.recover()
            catalog = Catalog.of(log.entries())
            self._remove_uncovered(catalog)
            yield Writer(self.root, log, catalog)

    def _remove_uncovered(self, catalog: Catalog) -> None:
        for file in layout.tmp_folder(self.root).iterdir():
            if file.is_file():
                file.unlink()
        # Numbers grow with the log, so only the newest folder and those after it can hold files without a leaf.
        newest = catalog.next_number // layout.BATCHES_PER_FOLDER
        covered = {header.number for header in catalog.batches[-layout.BATCHES_PER_FOLDER :]}
        for folder in sorted((self.root / "batches").glob("*")):
            if not folder.name.isdecimal() or int(folder.name) < newest:
                continue
            for file in folder.iterdir():
                if layout.is_batch_file(file.name) and int(file.name.split(".")[0]) not in covered:
                    file.unlink()

    def _snapshot(self, log: Log, catalog: Catalog) -> Snapshot:
        return Snapshot(self.root, str(log.checkpoint), tuple(catalog.batches))


def _name_store(file: Path) -> None:
    """Give a new store its name, once, even if two processes open it at the same time."""
    aside = file.with_name(f".{ORIGIN_FILE}.{os.getpid()}")
    durable.replace(aside, f"haechi.local/{secrets.token_hex(8)}\n".encode())
    with suppress(FileExistsError):
        os.link(aside, file)
    aside.unlink()
    durable.sync_directory(file.parent)


def _lock(root: Path) -> IO[str]:
    try:
        return layout.lock_file(root).open("a")
    except OSError as error:
        raise disk_error(error, root) from error


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
