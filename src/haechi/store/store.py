"""A store's folder: open it, take the writer's lock, commit batches, see a snapshot.

Commit = write files, sync, rename, append the header's leaf, replace the checkpoint. A crash at any point leaves
either the old checkpoint or the new one; files that no checkpoint covers are removed by the next writer.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.heads import Heads
from haechi.evidence.log import Log
from haechi.evidence.signer import FileSigner, Signer, make_key
from haechi.evidence.vkey import Vkey
from haechi.model.errors import StoreError
from haechi.store import layout, locks
from haechi.store.account import account
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.keys import StoreKeys
from haechi.store.leaves import ClockLeaf, KeysLeaf, Leaf, LogLeaf, write_leaf, written_at
from haechi.store.locks import disk_error
from haechi.store.prepare import Prepared
from haechi.store.state import outdated
from haechi.store.swap import finish_interrupted

ORIGIN_FILE = "origin"
CLOCK_TOLERANCE = 300_000_000  # microseconds by which clocks are put right in passing


@dataclass(frozen=True)
class Snapshot:
    """What one checkpoint covers. What is committed later is not in it."""

    root: Path
    head: Checkpoint
    catalog: Catalog

    @property
    def checkpoint(self) -> str:
        """ "ORIGIN SIZE ROOT", on one line, the root as in the checkpoint."""
        return str(self.head)

    @property
    def batches(self) -> Sequence[BatchHeader]:
        return self.catalog.batches


class Writer:
    """The one process that may change the store, while it holds the lock."""

    def __init__(self, store: Store, log: Log, catalog: Catalog) -> None:
        self.store, self.root, self.keys = store, store.root, store.keys
        self.log, self.catalog = log, catalog

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
        except OSError as error:
            raise disk_error(error, self.root) from error
        leaves: list[Leaf] = []
        for _, header in batches:
            leaves += [*self._new_keys(header, leaves), header]
        self.append(leaves)

    def append(self, leaves: Sequence[Leaf]) -> Checkpoint:
        """Add entries to the log; whatever others added meanwhile is taken in first."""
        with locks.appending(self.root):
            self.catch_up()
            return _append(self.log, self.catalog, leaves)

    @contextmanager
    def appending(self) -> Iterator[Log]:
        """Hold the append lock over a decision and its entry: add with `append_held` inside."""
        with locks.appending(self.root):
            self.catch_up()
            yield self.log

    def append_held(self, leaves: Sequence[Leaf]) -> Checkpoint:
        """`append` for who is inside `appending`."""
        return _append(self.log, self.catalog, leaves)

    def catch_up(self) -> None:
        """Take in what other processes appended. Only under the append lock."""
        if self.log.current:
            return
        self.log.open(recovering=True)
        self.catalog.read_on(self.log.entries(self.catalog.size))

    def tidy(self) -> None:
        """Remove files that were superseded, if nobody reads. What stays goes another time."""
        with locks.unread(self.root) as alone:
            if alone:
                durable.discard(left_over(self.root, self.catalog))
                sweep(self.root)

    def _new_keys(self, header: BatchHeader, before: Sequence[Leaf]) -> list[Leaf]:
        known = header.period in self.catalog.period_keys
        if known or any(isinstance(leaf, KeysLeaf) and leaf.period == header.period for leaf in before):
            return []
        return [KeysLeaf(header.collected, header.period, self.keys.period(header.period).sha256)]


def sweep(root: Path) -> None:
    """Remove what engines left that were killed; nobody may read. Whose engine works on this store, reads."""
    for begins in layout.SPILLED:
        for folder in layout.spill_folder(root).glob(f"{begins}*"):
            shutil.rmtree(folder, ignore_errors=True)


class Store:
    """The folder. Reading needs no lock; `writer()` takes it."""

    def __init__(
        self, root: Path, origin: str, signer: Signer | None = None, heads: Heads | None = None
    ) -> None:
        self.root, self.origin, self.signer, self.heads = root, origin, signer, heads
        self.keys = StoreKeys(root)
        self._known: Catalog | None = None

    @classmethod
    def open(cls, root: Path, signer: FileSigner | None = None) -> Store:
        """Open the store in `root`, making it if there is none.

        With a `signer` its heads are signed, and a checkpoint older than the key's newest is refused. The key's name
        is the log's origin. Raises `StoreError` where the store is another key's.
        """
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
            root.mkdir(mode=0o700, exist_ok=True)  # it holds whole log lines, names, registries
            layout.tmp_folder(root).mkdir(exist_ok=True)
            name = root / ORIGIN_FILE
            if not name.exists():
                _name_store(name, Vkey.parse(signer.vkey).name if signer else "")
            origin = name.read_text(encoding="utf-8").strip()
        except UnicodeDecodeError as error:
            raise StoreError("the store's name cannot be read", where=str(root / ORIGIN_FILE)) from error
        except OSError as error:
            raise disk_error(error, root) from error
        if signer is not None and Vkey.parse(signer.vkey).name != origin:
            raise StoreError(
                "the signing key is another store's: its name differs from the store's origin",
                where=f"{signer.path} and {name}",
                kept="nothing was changed",
                todo="use the key that the store was made with; restore it from a backup if it was lost",
            )
        return cls(root, origin, signer, Heads(signer.path) if signer else None)

    def log(self) -> Log:
        """The log, not yet open."""
        return Log(self.root, self.origin, (self.signer,) if self.signer else (), self.heads)

    def snapshot(self) -> Snapshot:
        """What the checkpoint covers now. To read files of it, hold `reading()` from before."""
        log = self.log().open()
        return Snapshot(self.root, log.checkpoint, self._catalog(log))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While this is held, no file goes that a snapshot taken within it names."""
        with locks.reading(self.root):
            yield

    def note(self, leaves: Sequence[Leaf]) -> Checkpoint:
        """Add entries to the log, also while another process collects. Raises `StoreError` where that fails."""
        return self.decide(lambda _: leaves)

    def decide(self, make: Callable[[Catalog], Sequence[Leaf]]) -> Checkpoint:
        """`note` for entries that depend on what the log says: nobody else appends between the look and the entry."""
        with locks.appending(self.root):
            log = self.log().open(recovering=True)
            catalog = self._catalog(log)
            if not catalog.size:
                self._begin(log, catalog)
            point = _append(log, catalog, make(catalog))
            self._known = catalog
            return point

    def _catalog(self, log: Log) -> Catalog:
        """What an open log says. A command that has just added an entry does not read the whole log again.

        The catalog is handed over, never shared: a snapshot must not change.
        """
        catalog, self._known = self._known, None
        if catalog is None or catalog.size > log.checkpoint.size:
            return Catalog.of(log.entries())
        catalog.read_on(log.entries(catalog.size))
        return catalog

    @contextmanager
    def writer(self, accept_clock: bool = False) -> Iterator[Writer]:
        """Hold the writer's lock, with everything removed that no checkpoint covers.

        `accept_clock`: a clock that stands before the newest entry is right, and that is noted in the log.
        """
        with locks.writing(self.root):
            with locks.appending(self.root):
                log = self.log()
                log.open(recovering=True)
                log.recover()
                catalog = Catalog.of(log.entries())
                if not catalog.size:
                    self._begin(log, catalog)
                if accept_clock and now() < catalog.newest - CLOCK_TOLERANCE:
                    _append(log, catalog, [ClockLeaf(now(), account(), catalog.newest)])
            self._remove_uncovered(catalog)
            finish_interrupted(self.root, catalog)
            self.keys.forget()  # another process may have destroyed a person's key since they were read
            writer = Writer(self, log, catalog)
            writer.tidy()
            yield writer

    def _begin(self, log: Log, catalog: Catalog) -> None:
        """Entry 0 of a new log."""
        self.keys.make_store_key()
        sealed = hashlib.sha256(self.keys.store_key).hexdigest()
        vkey = self.signer.vkey if self.signer else ""
        _append(log, catalog, [LogLeaf(now(), self.origin, vkey, sealed)])

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
        for file in layout.compact_folder(self.root).glob("*.parquet"):
            if file.stem.isdecimal() and int(file.stem) not in catalog.compactions:
                file.unlink()


def superseded(root: Path, catalog: Catalog) -> Iterator[Path]:
    """Files of batches that expired, and record files of batches that were compacted."""
    for number in catalog.expired:
        yield from layout.batch_files(root, number).values()
    for number in catalog.compacted:
        yield layout.records_file(root, number)
    live = {leaf.number for leaf in catalog.live_compactions()}
    yield from (layout.compact_file(root, number) for number in catalog.compactions if number not in live)


def left_over(root: Path, catalog: Catalog) -> list[Path]:
    """Those of the superseded files that are still there, and carried state that nothing asks for any more.

    Folders are listed, since far more batches expire in the years of a store than files are left of them.
    """
    there = {path for path in (root / "batches").glob("*/*") if _is_superseded(path, catalog)}
    live = {leaf.number for leaf in catalog.live_compactions()}
    gone = (layout.compact_file(root, number) for number in catalog.compactions if number not in live)
    return [*sorted(there), *(path for path in gone if path.exists()), *sorted(outdated(root, catalog))]


def _is_superseded(path: Path, catalog: Catalog) -> bool:
    if not layout.is_batch_file(path.name):
        return False
    number, _, kind = path.name.partition(".")
    return int(number) in catalog.expired or (kind == "parquet" and int(number) in catalog.compacted)


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def _append(log: Log, catalog: Catalog, leaves: Sequence[Leaf]) -> Checkpoint:
    _check_key(log, catalog)
    entries = [write_leaf(leaf) for leaf in leaves]
    for leaf in leaves:
        if not isinstance(leaf, ClockLeaf) and written_at(leaf) < catalog.newest - CLOCK_TOLERANCE:
            raise StoreError(
                "the clock of this machine stands before the newest entry of the evidence log",
                where=str(log.root),
                kept="everything in the store; nothing was added",
                todo="set the clock right; if it is right now and was wrong before, run haechi collect --accept-clock",
            )
    try:
        point = log.append(entries)
    except OSError as error:
        raise disk_error(error, log.root) from error
    catalog.read_on(entries)
    return point


def _check_key(log: Log, catalog: Catalog) -> None:
    """A signed log is added to only with its key, an unsigned one without."""
    vkeys = [signer.vkey for signer in log.signers]
    if not catalog.size or catalog.vkey in (vkeys or [""]):
        return
    raise StoreError(
        "the log of this store is signed, and the signing key at hand is not its key"
        if catalog.vkey and vkeys
        else "the log of this store is signed, and its signing key is missing"
        if catalog.vkey
        else "the log of this store was begun without a signature; it cannot be signed from the middle on",
        where=str(log.root),
        kept="everything in the store; nothing was added",
        todo="restore the key that the store was made with, or finish a replacement that was interrupted with haechi "
        "key rotate; without the key, collect into a new store"
        if catalog.vkey
        else "open it without a key, or collect into a new store",
    )


def _name_store(file: Path, name: str) -> None:
    """Give a new store its name, once, even if two processes open it at the same time."""
    aside = file.with_name(f".{ORIGIN_FILE}.{os.getpid()}")
    durable.replace(aside, f"{name or new_origin()}\n".encode())
    with suppress(FileExistsError):
        os.link(aside, file)
    aside.unlink()
    durable.sync_directory(file.parent)


def make_store_key(path: Path) -> FileSigner:
    """A signing key for a new store, which gives it its name."""
    return make_key(path, new_origin())


def new_origin() -> str:
    """A name for a new log that no other log bears."""
    return f"haechi.local/{secrets.token_hex(8)}"
