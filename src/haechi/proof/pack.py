"""Writing a pack: its files are drafted in a folder, named in a manifest, and zipped once the log holds its seal.

The zip is written the same way each time (fixed order, fixed dates), and its last 85 bytes are
`haechi-pack-1 sha256:` and the SHA-256 of every byte before them, so that no flipped byte stays unnoticed.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from haechi.evidence import durable
from haechi.model.errors import StoreError
from haechi.proof.manifest import FORMAT, MANIFEST, FileEntry

MARK: Final = f"{FORMAT} sha256:".encode()
TRAILER: Final = len(MARK) + 64  # bytes of the archive's comment
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
_MODE: Final = (stat.S_IFREG | 0o600) << 16
_STEP: Final = 1 << 20
# What people look at comes first; names not listed here follow in order.
_FIRST: Final = ("README.ko.txt", "README.ja.txt", "README.en.txt", MANIFEST, "statement.json", "people.csv",
                 "people.parquet", "rows.csv", "rows.jsonl")  # fmt: skip


class Draft:
    """The files of a pack before it is sealed, in a folder that only we may enter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: dict[str, Path] = {}

    def add(self, name: str, data: bytes) -> None:
        with self.open(name) as file:
            file.write(data)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Write the file `name` of the pack."""
        with self.place(name).open("wb") as file:
            yield file

    def place(self, name: str) -> Path:
        """Where the file `name` of the pack is to be written, by whoever must have a path."""
        path = self.folder / name.replace("/", "-")
        self.paths[name] = path
        return path

    def entries(self) -> dict[str, FileEntry]:
        """Size and SHA-256 of every file, for the manifest."""
        found = {}
        for name, path in self.paths.items():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[name] = FileEntry(path.stat().st_size, digest)
        return found


@contextmanager
def draft(under: Path) -> Iterator[Draft]:
    """A draft in a folder below `under`, gone at the end. Raises `StoreError` where the disk does not take it."""
    try:
        under.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="pack-", dir=under) as folder:
            yield Draft(Path(folder))
    except OSError as error:
        raise _unwritable(error, under) from error


def write_pack(out: Path, drafted: Draft, manifest: bytes, log: Mapping[str, bytes]) -> None:
    """Zip the draft, its manifest and the files of `log` to `out`.

    It is whole, for its owner alone (mode 0600), or not there. Raises `StoreError` where it cannot be written; an
    older file of that name then stays as it was.
    """
    try:
        # A folder that only we may enter, beside the target, so that the rename stays on one disk.
        with tempfile.TemporaryDirectory(prefix=".haechi-", dir=out.absolute().parent) as private:
            made = Path(private) / "pack.zip"
            with made.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                _zip(file, {**drafted.paths, MANIFEST: manifest, **log})
                file.flush()
                os.fsync(file.fileno())
            close_archive(made)
            made.replace(out)
            durable.sync_directory(out.absolute().parent)
    except OSError as error:
        raise _unwritable(error, out) from error


def _zip(file: IO[bytes], parts: Mapping[str, Path | bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts, key=lambda name: (_rank(name), name)):
            part = parts[name]
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, _MODE
            size = len(part) if isinstance(part, bytes) else part.stat().st_size
            with archive.open(info, "w", force_zip64=size >= 1 << 31) as target:
                if isinstance(part, bytes):
                    target.write(part)
                else:
                    with part.open("rb") as source:
                        while data := source.read(_STEP):
                            target.write(data)
        archive.comment = bytes(TRAILER)


def _rank(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def close_archive(path: Path) -> None:
    """Put the SHA-256 of all that stands before it into the archive's comment, its last 85 bytes."""
    with path.open("r+b") as file:
        digest = digest_before(file, path.stat().st_size - TRAILER)
        file.seek(-TRAILER, os.SEEK_END)
        file.write(MARK + digest.encode())
        file.flush()
        os.fsync(file.fileno())


def digest_before(file: IO[bytes], end: int) -> str:
    """SHA-256, hex, of a file's first `end` bytes."""
    digest = hashlib.sha256()
    file.seek(0)
    while end > 0 and (data := file.read(min(_STEP, end))):
        digest.update(data)
        end -= len(data)
    return digest.hexdigest()


def _unwritable(error: OSError, where: Path) -> StoreError:
    return StoreError(
        f"the evidence pack cannot be written: {error.strerror}",
        where=str(error.filename or where),
        kept="the store; no half-written pack was left behind",
        todo="free space or choose another folder, and run the same command again",
    )
