"""Opening a pack that may be anything: what comes out is bounded in size, and nothing is ever written to disk."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from haechi.model.errors import EvidenceError, InputError
from haechi.proof.manifest import MANIFEST
from haechi.proof.pack import MARK, TRAILER, digest_before
from haechi.proof.verdict import Verdict

SMALL: Final = 64 << 20  # bytes of a file that is read as a whole; rows are read a stretch at a time
_RATIO: Final = 200  # log lines beside their hashes pack to a tenth; what claims far more is a bomb
_SLACK: Final = 64 << 20
_STEP: Final = 1 << 20
_END: Final = 22 + TRAILER  # the shortest end of a zip with our comment
_LOCAL: Final = 30  # bytes before a file's name, in front of the file
_LISTED: Final = 46  # and in the list of files
_LARGE: Final = 76  # bytes more at the end of a large zip (zip64)
_SIZE_BEHIND: Final = 8  # flag: a file's size stands behind it
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}", re.ASCII)
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, LookupError, EOFError, OverflowError, OSError,
    zlib.error, struct.error,
)  # fmt: skip


class Archive:
    """The files of a pack, by name. Of a name that occurs twice the pack's verdict has told; the last one counts."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        self._infos = {info.filename: info for info in opened.infolist()}

    @property
    def names(self) -> list[str]:
        return sorted(self._infos)

    def size(self, name: str) -> int:
        return self._infos[name].file_size

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def read(self, name: str) -> bytes:
        """A whole file. Raises `EvidenceError` where it is not there, too large or cannot be unpacked."""
        with self.open(name) as file:
            if self.size(name) > SMALL:
                raise EvidenceError("a file of the pack is far larger than it can rightly be", where=name)
            return file.read()

    def sha256(self, name: str) -> str:
        """Hex, of the unpacked file. Raises as `read`."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            while data := file.read(_STEP):
                digest.update(data)
        return digest.hexdigest()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file to be read on. What goes wrong with it, inside the block too, is an `EvidenceError`."""
        if name not in self:
            raise EvidenceError("a file of the pack is missing", where=name)
        try:
            with self._zip.open(self._infos[name]) as file:
                yield file
        except _BROKEN:
            raise EvidenceError("a file of the pack cannot be unpacked", where=name) from None


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[Archive | None, list[Verdict]]]:
    """The pack at `path`, and what is wrong with it as an archive; None where nothing in it can be read.

    Raises `InputError` where there is no such file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            verdicts, readable = _checked(file, path.stat().st_size)
            opened = _opened(file) if readable else None
            if opened is None:
                yield (
                    None,
                    verdicts
                    or [
                        _bad(
                            "altered",
                            "it cannot be unpacked: what a zip begins and ends with is "
                            "there, but not what stands between",
                        )
                    ],
                )
                return
            with opened:
                found = [
                    *_contents(opened, path.stat().st_size),
                    *_between(opened, file, path.stat().st_size),
                ]
                bomb = any(verdict.thing == "size" for verdict in found)
                yield None if bomb else Archive(opened), [*verdicts, *found]
    except OSError as error:
        raise InputError(f"the pack cannot be read: {error.strerror}", where=str(path)) from error


def _checked(file: IO[bytes], size: int) -> tuple[list[Verdict], bool]:
    """The pack's bytes as a whole: verdicts, and whether it is worth while to look inside."""
    if file.read(4) != b"PK\x03\x04":
        return [_bad("altered", "this is no evidence pack: it does not begin as a zip does")], False
    file.seek(max(size - TRAILER, 0))
    trailer = file.read()
    if size < _END or not trailer.startswith(MARK):
        return [
            _bad(
                "missing",
                "its end is missing, or Haechi did not write it: the last 85 bytes do not tell the SHA-256 "
                "of what stands before them. A download may have broken off; fetch it again",
            )
        ], True
    if trailer[len(MARK) :] != digest_before(file, size - TRAILER).encode():
        return [
            _bad(
                "altered",
                "bytes of it were changed: it does not have the SHA-256 that its last 85 bytes tell",
            )
        ], True
    return [Verdict("archive", "whole", "its bytes are those that were written")], True


def _opened(file: IO[bytes]) -> zipfile.ZipFile | None:
    try:
        return zipfile.ZipFile(file)
    except _BROKEN:
        return None


def _contents(opened: zipfile.ZipFile, size: int) -> Iterator[Verdict]:
    """What is wrong with the list of files, before any of them is unpacked."""
    infos = opened.infolist()
    for name, times in Counter(info.filename for info in infos).items():
        if times > 1:
            yield _bad(
                "strange",
                "a file stands in it more than once, so that two readers may see two packs",
                _shown(name),
            )
        if not _NAME.fullmatch(name):
            yield _bad(
                "strange", "a file in it has a name that Haechi never writes: do not unpack it", _shown(name)
            )
    for info in infos:
        if info.flag_bits & 1 or info.compress_type not in _METHODS:
            yield _bad(
                "strange",
                "a file in it is encrypted or packed in a way that Haechi never uses",
                _shown(info.filename),
            )
    if sum(info.file_size for info in infos) > _RATIO * size + _SLACK:
        yield _bad(
            "strange",
            "it would unpack to far more than an evidence pack can hold: do not unpack it",
            thing="size",
        )
    if MANIFEST not in {info.filename for info in infos}:
        yield _bad("missing", "it has no manifest, so nothing says what it should hold", MANIFEST)


def _between(opened: zipfile.ZipFile, file: IO[bytes], size: int) -> Iterator[Verdict]:
    """Whether all its bytes belong to the files that its list names. Some programs go by what stands before each file
    and never look at the list: to them anything in between would be one more file.
    """
    at = 0
    for info in sorted(opened.infolist(), key=lambda info: info.header_offset):
        if (
            info.header_offset != at
        ):  # asked before it is gone to: a list can place a file before the beginning
            at = -1
            break
        file.seek(at)
        head = file.read(_LOCAL)
        if len(head) < _LOCAL or info.flag_bits & _SIZE_BEHIND:
            at = -1
            break
        at += _LOCAL + sum(struct.unpack("<HH", head[-4:])) + info.compress_size
    listed = sum(
        _LISTED + len(info.orig_filename) + len(info.extra) + len(info.comment) for info in opened.infolist()
    )
    end = size - _END - (at + listed)
    if at != opened.start_dir or end not in (0, _LARGE) or len(opened.comment) != TRAILER:
        yield _bad(
            "strange", "bytes stand in it that belong to none of its files: two readers may see two packs"
        )


def _shown(name: str) -> str:
    """A name from the archive, as it may be printed: whoever made the archive chose it."""
    return name[:200].encode("unicode_escape").decode("ascii")


def _bad(state: str, sentence: str, where: str = "", thing: str = "archive") -> Verdict:
    return Verdict(thing, state, sentence, where)  # type: ignore[arg-type]
