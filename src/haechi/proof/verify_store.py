"""Verify a store offline: everything in its folder against the signed head of its log.

Nothing is believed but the keys that the verifier trusts; everything else follows from hashes. Nothing is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from haechi.evidence import bounded, jcs, timestamp
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.heads import Heads
from haechi.evidence.note import MAX_NOTE
from haechi.evidence.vkey import Vkey
from haechi.model.errors import EvidenceError, HaechiError, StoreError
from haechi.model.settings import Settings
from haechi.proof.verdict import Verdict, all_good, amount
from haechi.proof.verify_history import (
    Head,
    check_heads,
    check_signature,
    check_times,
    files_of_heads,
    key_chain,
    only_heads,
    only_verdicts,
)
from haechi.proof.verify_log import LogRead, read_log, roots_at
from haechi.proof.verify_store_batches import check_batches
from haechi.proof.verify_store_files import Shelf, check_keys, check_strangers, every_file
from haechi.proof.verify_store_statements import check_statements
from haechi.store import layout, locks
from haechi.store.catalog import Catalog
from haechi.store.leaves import Leaf, LogLeaf, read_leaf
from haechi.store.store import ORIGIN_FILE

Progress = Callable[[int, int], None]  # batches done, batches in all

_WORDS = {
    "forked": "forked",
    "missing": "missing",
    "altered": "altered",
    "unsigned": "not signed by whom you trust",
    "strange": "strange",
}
_LOST = jcs.canonical({"kind": "lost"})  # in the place of an entry that cannot be read


@dataclass(frozen=True)
class Trust:
    """What the verifier brings along.

    keys:      public keys, one of which must have signed the log or handed over to who did; none: it is told who did
    witnesses: public keys of witnesses whose cosignatures count
    kept:      heads of this log that were kept elsewhere: by a witness, an auditor, in an evidence pack; or why one
               could not be had
    roots:     PEM certificates on which timestamps may rest
    """

    keys: Sequence[str] = ()
    witnesses: Sequence[Vkey] = ()
    kept: Sequence[Head | Verdict] = ()
    roots: bytes | None = None


class Verified(msgspec.Struct, frozen=True):
    """The document of `haechi verify STORE --json`. Counts are of what the checkpoint covers."""

    store: str
    whole: bool
    sentence: str
    checkpoint: str
    counts: dict[str, int]
    verdicts: list[Verdict]


@dataclass
class _Found:
    """What is read before everything else, so that whoever writes meanwhile is not taken for a forger."""

    files: list[Path]
    heads: list[Head | Verdict]
    log: LogRead
    leaves: list[Leaf | None] = field(default_factory=list)
    lost: int = 0  # entries that nobody can read any more
    catalog: Catalog = field(default_factory=Catalog)
    verdicts: list[Verdict] = field(default_factory=list)


def verify_store(
    root: Path,
    trust: Trust = Trust(),
    key_path: Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Verified:
    """A verdict on each thing in the store at `root`. While another process writes, at the checkpoint of now.

    `key_path`: the signing key's file, beside which the newest signed head is remembered; it is not read itself.
    `settings`: the workspace's, against whose retention expiries are held.

    Raises:
        StoreError: there is no such folder, or it is no store.
    """
    _must_be_store(root)
    with locks.reading(root):
        heads = _remembered(key_path) + files_of_heads(layout.cosigned_folder(root), "witness", root)
        heads += files_of_heads(layout.stamped_folder(root), "head", root, beside=".tsr")
        stamps = sorted(layout.stamped_folder(root).glob("*.tsr"))
        files = every_file(root)
        point = _checkpoint(root)
        if isinstance(point, Verdict):
            return _answer(root, "", {}, [point])
        seen = {path.relative_to(root).as_posix() for path in files}
        found = _Found(files, [*heads, *trust.kept], read_log(root, point, seen))
        return _verify(root, found, stamps, trust, settings, progress)


def _verify(
    root: Path,
    found: _Found,
    stamps: Sequence[Path],
    trust: Trust,
    settings: Settings | None,
    progress: Progress | None,
) -> Verified:
    log = found.log
    found.leaves = list(_leaves(found))
    chain = key_chain(found.leaves, log.checkpoint.origin)
    told = [
        check_signature(log.checkpoint, chain, trust.keys),
        *chain.verdicts,
        *log.verdicts,
        *found.verdicts,
    ]
    told += _log_whole(log)
    told += _origin(root, log.checkpoint)
    told += only_verdicts(found.heads)
    told += check_heads(log, only_heads(found.heads), chain, trust.witnesses)
    told += _stamps(root, stamps, log, trust.roots)
    told += check_times(found.leaves)
    told += check_statements(found.leaves, settings, complete=not found.lost)
    shelf = Shelf(root, found.catalog, log.readable and not found.lost)
    told += check_keys(shelf)
    told += check_batches(shelf, progress)
    told += check_strangers(shelf, found.files)
    return _answer(root, str(log.checkpoint), _counts(found), told)


def _must_be_store(root: Path) -> None:
    try:
        inside = {path.name for path in root.iterdir()}
    except FileNotFoundError:
        raise StoreError("there is no store here", where=str(root), todo="name the store's folder") from None
    except OSError as error:
        raise StoreError(f"the store cannot be read: {error.strerror}", where=str(root)) from None
    if not inside & {"checkpoint", ORIGIN_FILE, "tile", "batches"}:
        raise StoreError(
            "this folder is no store: it has neither a checkpoint nor anything else of one",
            where=str(root),
            todo="name the folder in which the file checkpoint stands",
        )


def _checkpoint(root: Path) -> Checkpoint | Verdict:
    path = root / "checkpoint"
    try:
        return Checkpoint.parse(bounded.read(path, MAX_NOTE).decode())
    except FileNotFoundError:
        told = "there is no checkpoint: nothing tells which batches exist. The store was copied in part, or damaged"
        return Verdict("log", "missing", told, "checkpoint")
    except OSError as error:
        return Verdict("log", "missing", f"the checkpoint cannot be read: {error.strerror}", "checkpoint")
    except (StoreError, UnicodeDecodeError):
        return Verdict(
            "log", "altered", "the checkpoint was altered: it is not of its form any more", "checkpoint"
        )


def _remembered(key_path: Path | None) -> list[Head | Verdict]:
    """The newest signed head beside the key. One that was only announced may never have come to be."""
    if key_path is None:
        return []
    try:
        point = Heads(key_path).last()
    except EvidenceError as error:
        return [Verdict("head", "altered", error.what, error.where)]
    return [] if point is None else [Head("head", f"{key_path.name}.head", point)]


def _leaves(found: _Found) -> Iterator[Leaf | None]:
    """The entries read, and the catalog that they make. What cannot be read is told, and left out."""
    for index, entry in enumerate(found.log.entries):
        try:
            leaf = None if entry is None else read_leaf(entry, index)
            found.catalog.read_on([_LOST if entry is None else entry])
            told = "" if entry is None else _odd(entry, leaf, index)
        except (StoreError, KeyError, ValueError):
            told = "an entry of the log is not of its kind's form, or fits none before it"
            leaf, entry = None, None
        found.lost += entry is None
        if told:
            found.verdicts.append(Verdict("log", "strange", told, f"entry {index}"))
        yield leaf


def _odd(entry: bytes, leaf: Leaf | None, index: int) -> str:
    """What is wrong with an entry that can be read; "" for none. What one reader passes over another may believe."""
    if leaf is None:
        return "an entry of the log is of a kind that this version of Haechi does not know: what it says is not checked"
    if isinstance(leaf, LogLeaf) and index:
        return "an entry says once more what this log is: only the first one may"
    try:
        plain = jcs.canonical(json.loads(entry))
    except (ValueError, RecursionError, HaechiError):
        plain = b""
    return (
        ""
        if plain == entry
        else "an entry of the log is not in RFC 8785 form: two readers may read two entries"
    )


def _log_whole(log: LogRead) -> Iterator[Verdict]:
    if all_good(log.verdicts) and log.readable:
        size = len(log.entries)
        told = f"{amount(size, 'entry', 'entries')} under the checkpoint"
        yield Verdict("log", "whole", told, "checkpoint", count=size)


def _origin(root: Path, point: Checkpoint) -> Iterator[Verdict]:
    """The file that tells the log's name to whoever opens the store."""
    try:
        name = bounded.read(root / ORIGIN_FILE, MAX_NOTE).decode()
    except FileNotFoundError:
        yield Verdict("log", "missing", "the file with the store's name is missing", ORIGIN_FILE)
        return
    except (OSError, UnicodeDecodeError):
        name = ""
    if name != f"{point.origin}\n":
        yield Verdict("log", "altered", "the store's name is not the one in its checkpoint", ORIGIN_FILE)


def _stamps(root: Path, paths: Sequence[Path], log: LogRead, roots: bytes | None) -> Iterator[Verdict]:
    sizes = {path: int(path.stem) for path in paths if path.stem.isdecimal()}
    known = {} if log.hashes is None else roots_at(log.hashes, list(sizes.values()))
    for path in paths:
        where = path.relative_to(root).as_posix()
        root_then = known.get(sizes.get(path, -1))
        if path not in sizes:
            yield Verdict(
                "timestamp", "strange", "nobody knows this file: it is no timestamp of a head", where
            )
        elif root_then is None:
            told = f"a timestamp is of a head of {amount(sizes[path], 'entry', 'entries')}, which the log does not have"
            state = "missing" if log.hashes is not None else "unknown"
            yield Verdict("timestamp", state, told, where)  # type: ignore[arg-type]
        elif roots is None:
            told = "a timestamp was not checked: name the authority's certificates with --timestamp-roots"
            yield Verdict("timestamp", "unknown", told, where)
        else:
            body = Checkpoint(log.checkpoint.origin, sizes[path], root_then).body
            yield _stamp(path, where, body, roots, sizes[path])


def _stamp(path: Path, where: str, body: str, roots: bytes, size: int) -> Verdict:
    try:
        stamp = timestamp.verify(bounded.read(path, timestamp.MAX_ANSWER), body, roots, datetime.now(UTC))
    except OSError as error:
        return Verdict("timestamp", "missing", f"a timestamp cannot be read: {error.strerror}", where)
    except EvidenceError as error:
        return Verdict("timestamp", "altered", error.what, where)
    except ValueError:  # a damaged answer whose outer shell can be read
        return Verdict("timestamp", "altered", "a timestamp does not hold: it cannot be read", where)
    told = f"the log had its first {size:,} entries at {stamp.time:%Y-%m-%d %H:%M:%S} UTC: {stamp.authority} says so"
    return Verdict("timestamp", "whole", told, where)


def _counts(found: _Found) -> dict[str, int]:
    catalog = found.catalog
    there = [header for header in catalog.batches if header.number not in catalog.expired]
    erased = sum(catalog.erased.get(header.number, 0) for header in there)
    return {
        "entries": len(found.leaves),
        "batches": len(there),
        "records": sum(header.rows for header in there) - erased,
        "set_aside": sum(header.set_aside for header in there),
        "expired_batches": len(catalog.expired),
        "erased_records": sum(catalog.erased.values()),
        "compactions": len(catalog.live_compactions()),
    }


def _answer(root: Path, checkpoint: str, counts: dict[str, int], verdicts: list[Verdict]) -> Verified:
    whole = all_good(verdicts)
    held = f"{amount(counts.get('records', 0), 'record')} in {amount(counts.get('batches', 0), 'batch', 'batches')}"
    return Verified(str(root), whole, sentence_of(whole, held, verdicts), checkpoint, counts, verdicts)


def sentence_of(whole: bool, held: str, verdicts: Sequence[Verdict]) -> str:
    """The verdict in one sentence. `held`: what was looked at."""
    if whole:
        signed = [verdict.state for verdict in verdicts if verdict.thing == "signature"]
        if "whole" in signed:
            return f"Whole: {held}, signed by a key that you trust."
        return f"Whole, as far as it can be told without a key that you trust: {held}."
    told = []
    for state, word in _WORDS.items():
        count = sum(1 for verdict in verdicts if verdict.state == state)
        told += [f"{count:,} {word}"] if count else []
    return f"Not whole ({held}): {', '.join(told)}."
