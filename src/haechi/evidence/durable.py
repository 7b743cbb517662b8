"""Files that survive a crash: written aside, flushed to the disk, then renamed into place."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".tmp"  # what a crash may leave behind; nothing reads such a file


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`: a crash leaves the old content or the new, never a mixture. Raises `OSError`."""
    _place(path, data)
    sync_directory(path.parent)


def write_all(files: Mapping[Path, bytes], under: Path) -> None:
    """Put many files below `under`, all on the disk with their names on return. Raises `OSError`."""
    for directory in dict.fromkeys(path.parent for path in files):
        if not directory.is_dir():
            directory.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        _place(path, data)
    for directory in _directories(files, under):
        sync_directory(directory)


def discard(paths: Iterable[Path]) -> None:
    """Remove files as far as possible; what stays is removed by the next recovery."""
    for path in paths:
        for name in (path, temporary(path)):
            try:
                name.unlink(missing_ok=True)
            except OSError:
                continue


def discard_directory(directory: Path) -> None:
    """Remove a directory of files as far as possible."""
    shutil.rmtree(directory, ignore_errors=True)


def sha256(path: Path) -> str:
    """SHA-256 of a file, hex. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def temporary(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY)


def sync_directory(path: Path) -> None:
    """Flush a directory, so that the names in it are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _place(path: Path, data: bytes) -> None:
    aside = temporary(path)
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _directories(paths: Iterable[Path], under: Path) -> list[Path]:
    """The directories that hold the paths, up to `under`, the deepest first.

    Those that stood before as well: whoever made one may have been killed before its name was on the disk.
    """
    found = {parent for path in paths for parent in path.parents if parent.is_relative_to(under)}
    return sorted(found, key=lambda path: -len(path.parts))
