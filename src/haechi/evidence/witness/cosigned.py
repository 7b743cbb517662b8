"""Heads with the cosignatures that witnesses gave them: `cosigned/<size>` in the store, a whole note each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from haechi.evidence import durable
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.note import Signed, verify
from haechi.evidence.vkey import Vkey
from haechi.model.errors import EvidenceError, StoreError

FOLDER = "cosigned"


def keep(root: Path, point: Checkpoint, lines: Iterable[str]) -> Path:
    """Put a head with its cosignatures into the store below `root`, added to those that it has already.

    Raises:
        EvidenceError: another head of this size was cosigned before, or the file cannot be written.
    """
    path = root / FOLDER / str(point.size)
    known = read(path) if path.exists() else None
    if known is not None and known.body != point.body:
        raise EvidenceError(
            "a fork: witnesses signed another head of this size before",
            where=str(path),
            kept="the head that they signed before",
            todo="compare the store with a backup: the log was rewritten",
        )
    signatures = dict.fromkeys([*point.signatures, *(known.signatures if known else ()), *lines])
    try:
        path.parent.mkdir(exist_ok=True)
        durable.sync_directory(root)
        durable.replace(path, replace(point, signatures=tuple(signatures)).text().encode())
    except OSError as error:
        raise EvidenceError(
            f"cosignatures cannot be stored: {error.strerror}",
            where=str(path),
            todo="free space, then submit again",
        ) from error
    return path


def read(path: Path) -> Checkpoint:
    """One such head. Raises `EvidenceError` where it cannot be read."""
    try:
        return Checkpoint.parse(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError, StoreError) as error:
        raise EvidenceError(
            "a cosigned checkpoint cannot be read",
            where=str(path),
            todo="restore the file, or remove it and submit again: the witness still has its own copy",
        ) from error


def files(root: Path) -> list[Path]:
    """The files, the largest head first."""
    folder = root / FOLDER
    found = [path for path in folder.iterdir() if path.name.isdecimal()] if folder.is_dir() else []
    return sorted(found, key=lambda path: int(path.name), reverse=True)


def newest(root: Path, keys: Sequence[Vkey]) -> dict[str, tuple[Checkpoint, Signed]]:
    """By key (as text) the largest head that this witness signed, as far as the store knows.

    Files that cannot be read are passed over: `haechi verify` names them.
    """
    found: dict[str, tuple[Checkpoint, Signed]] = {}
    for point in _readable(files(root)):
        for key in keys:
            if str(key) in found:
                continue
            try:
                signed = verify(point.body, point.signatures, key)
            except EvidenceError:
                continue
            if signed:
                found[str(key)] = point, signed
        if len(found) == len(keys):
            break
    return found


def _readable(paths: Iterable[Path]) -> Iterator[Checkpoint]:
    for path in paths:
        try:
            yield read(path)
        except EvidenceError:
            continue
