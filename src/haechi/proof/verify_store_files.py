"""The files of a store against what the log says of them: there, with the right SHA-256, and no others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from haechi.evidence import durable
from haechi.evidence.blind import PeriodKeys
from haechi.evidence.witness.refusals import FILE as REFUSED
from haechi.model.errors import StoreError
from haechi.proof.verdict import State, Verdict
from haechi.store import layout
from haechi.store.catalog import Catalog
from haechi.store.header import BatchHeader
from haechi.store.keys import period_of
from haechi.store.store import now, superseded
from haechi.store.swap import expected, next_folder

# What stands in a store besides the log's tiles and the files of batches.
_KNOWN: Final = frozenset({"checkpoint", "origin", "lock", "append.lock", "readers.lock", REFUSED})
_WORK: Final = frozenset({"tmp", "spill", "next", "state"})  # scratch and cache: nothing in them counts
_NUMBERED: Final = re.compile(r"(\d{10})\.", re.ASCII)


@dataclass
class Shelf:
    """What the checks of single files share.

    complete:    every entry of the log could be read, so that a file without an entry is nobody's
    period_keys: the person-period keys by month, as the log names them
    lost_keys:   months whose keys cannot be used, and why
    store_key:   the store's own key; None where it cannot be read
    waiting:     files that an interrupted erasure has put in the log but not yet into their places
    """

    root: Path
    catalog: Catalog
    complete: bool = True
    period_keys: dict[str, PeriodKeys] = field(default_factory=dict)
    lost_keys: dict[str, str] = field(default_factory=dict)
    store_key: bytes | None = None
    waiting: dict[Path, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(next_folder(self.root).glob("*")):
            try:
                wanted = expected(path.name, self.catalog)
            except KeyError:  # of a batch whose entry is lost
                continue
            if wanted and self.compare("", "", path, wanted) is None:
                self.waiting[self.root / path.name.replace("__", "/")] = path

    def at(self, path: Path) -> Path:
        """Where the content of a file stands now."""
        return self.waiting.get(path, path)

    def file(self, place: Callable[[Path, int], Path], number: int) -> Path:
        """The same for a file of a batch or compaction: `place` is a function of `layout`."""
        return self.at(place(self.root, number))

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def compare(self, thing: str, what: str, path: Path, sha256: str, count: int = 1) -> Verdict | None:
        """A verdict where the file is not there, cannot be read, or has another hash; None where it is right."""
        try:
            if path.exists() and not path.is_file():  # a pipe would hold us up for ever
                raise OSError(0, "it is not a file")
            made = durable.sha256(path)
        except FileNotFoundError:
            return Verdict(thing, "missing", f"{what} missing", self.name(path), count=count)
        except OSError as error:
            told = f"{what} not readable: {error.strerror}"
            return Verdict(thing, "missing", told, self.name(path), count=count)
        if made == sha256:
            return None
        return Verdict(
            thing, "altered", f"{what} altered: the file is not the one that was sealed", self.name(path)
        )


def check_keys(shelf: Shelf) -> Iterator[Verdict]:
    """The store's own key and the person-period keys. Without them no leaf can be made anew."""
    catalog = shelf.catalog
    if catalog.log is not None:
        path = layout.store_key_file(shelf.root)
        found = shelf.compare("keys", "the store's own key is", path, catalog.log.store_key)
        yield found or Verdict(
            "keys", "whole", "the store's own key is the one that entry 0 names", shelf.name(path)
        )
        if found is None:
            shelf.store_key = path.read_bytes()
    for period in dict.fromkeys([*catalog.period_keys, *(header.period for header in catalog.batches)]):
        yield _check_period(shelf, period)


def _check_period(shelf: Shelf, period: str) -> Verdict:
    path = shelf.at(layout.period_file(shelf.root, period))
    what, wanted = f"the person-period keys of {period}", shelf.catalog.period_keys.get(period)
    if wanted is not None:
        found = shelf.compare("keys", f"{what} are", path, wanted)
        if found is not None:
            shelf.lost_keys[period] = found.sentence
            return found
    try:
        shelf.period_keys[period] = PeriodKeys.read(path.read_bytes())
    except (StoreError, OSError):
        shelf.lost_keys[period] = f"{what} are not readable"
        return Verdict("keys", "altered", shelf.lost_keys[period], shelf.name(path))
    if wanted is None:  # with wrong ones no leaf will fit
        state: State = "missing" if shelf.complete else "unknown"
        return Verdict("keys", state, f"no readable entry names {what}", shelf.name(path))
    return Verdict("keys", "whole", what, shelf.name(path))


def check_strangers(shelf: Shelf, seen: list[Path]) -> Iterator[Verdict]:
    """Files that no entry of the log knows, among those `seen` before the checkpoint was read.

    What an interrupted run can leave, or one that runs now is about to enter, is a note and no more.
    """
    catalog = shelf.catalog
    gone = {shelf.name(path) for path in superseded(shelf.root, catalog)}
    known = set(_known_files(shelf))
    beyond: dict[int, list[str]] = {}
    for path in seen:
        name = shelf.name(path)
        top = name.split("/")[0]
        if path.is_symlink() and top not in _WORK:
            yield Verdict("files", "strange", "a link: what it leads to does not stand in the store", name)
            continue
        if name in known or name in _KNOWN or top in _WORK or top in ("tile", "cosigned", "stamped"):
            continue
        state, sentence = _stranger(name, path, shelf, gone)
        number = _number(path)
        if top == "batches" and layout.is_batch_file(path.name) and number >= catalog.next_number:
            beyond.setdefault(number, []).append(name)
            continue
        yield Verdict("files", state, sentence, name)
    yield from _beyond(beyond, shelf)
    for target, path in shelf.waiting.items():
        told = "the new content of a file after an erasure that was interrupted; the next run puts it in its place"
        yield Verdict("files", "note", told, f"{shelf.name(path)} for {shelf.name(target)}")


def _stranger(name: str, path: Path, shelf: Shelf, gone: set[str]) -> tuple[State, str]:
    if name in gone:
        return "note", "no longer needed since it was compacted or expired; the next collection removes it"
    if name.endswith((durable.TEMPORARY, ".next")) or re.fullmatch(r"\.origin\.\d+(\.tmp)?", name):
        return "note", "a file of an interrupted run; the next one removes it"
    if name.startswith("compact/") and _number(path) == max(shelf.catalog.compactions, default=-1) + 1:
        return "note", "a compaction that no entry covers: being made now, or left by an interrupted run"
    if name.startswith("keys/") and period_of(shelf.catalog.newest) <= path.name <= period_of(now()):
        return "note", "person-period keys that no batch uses yet"
    if not shelf.complete:
        return "unknown", "no readable entry of the log covers this file; some entries are lost"
    return "strange", "nobody knows this file: no entry of the log covers it"


def _beyond(files: dict[int, list[str]], shelf: Shelf) -> Iterator[Verdict]:
    """Files of batches after the newest one. A commit moves in the files of one batch, and never of a second."""
    if not files:
        return
    first = min(files)
    if len(files) == 1 and first == shelf.catalog.next_number:
        told = f"files of batch {first}, which no entry covers: being committed now, or left by an interrupted run"
        yield Verdict("files", "note", told, files[first][0], count=len(files[first]))
    elif shelf.complete:
        told = (
            f"files of {len(files)} batches that no entry covers ({first} to {max(files)}): the checkpoint was put "
            "back, or the files were brought here. An interrupted run leaves those of one batch at most"
        )
        yield Verdict("files", "missing", told, files[first][0], count=len(files))
    else:
        told = (
            f"files of {len(files)} batches that no readable entry covers; some entries of the log are lost"
        )
        yield Verdict("files", "unknown", told, files[first][0], count=len(files))


def _known_files(shelf: Shelf) -> Iterator[str]:
    root, catalog = shelf.root, shelf.catalog
    yield shelf.name(layout.store_key_file(root))
    for period in catalog.period_keys:
        yield shelf.name(layout.period_file(root, period))
    for header in catalog.batches:
        for kind, path in layout.batch_files(root, header.number).items():
            if catalog.file_hash(header.number, kind):
                yield shelf.name(path)
    for leaf in catalog.live_compactions():
        yield shelf.name(layout.compact_file(root, leaf.number))


def every_file(root: Path) -> list[Path]:
    """All files below the store's folder, and links, which are never followed."""
    return sorted(path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())


def place_of(header: BatchHeader) -> str:
    """Which records a batch holds, in words."""
    return f"{header.source}, seq {header.seq_from:,} to {header.seq_to:,}"


def _number(path: Path) -> int:
    found = _NUMBERED.match(path.name)
    return int(found[1]) if found else -1
