"""Open what the user named: files, folders, globs, standard input; plain, gzip, zstd, Parquet.

Whatever stands behind, a stream gives unpacked bytes in order. A damaged archive gives all it can and then says so.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from haechi.model.errors import InputError

CHUNK = 4 << 20
PACKED = 64 << 10  # bytes of an archive read at a time
PIECE = 1 << 10
STDIN = "-"
_DAMAGED = "the {} archive is damaged; what stood before the damage was read"
_CUT = "the {} archive ends in the middle; what it holds was read, the rest is missing"


@dataclass(frozen=True)
class Named:
    """One file to read. `asked` is true when the user named this very file, not a folder that holds it."""

    path: str
    asked: bool


@dataclass(frozen=True)
class Unread:
    """Something that was named or found and cannot be read, with the reason as a sentence."""

    path: str
    problem: str
    asked: bool


def expand(names: Sequence[str], root: Path | None = None) -> list[Named | Unread]:
    """The files behind these names, each once, in the order named; folders and globs in name order."""
    found: list[Named | Unread] = []
    seen: set[str] = set()
    for name in names:
        for item in _expand_one(name, root):
            if item.path not in seen:
                seen.add(item.path)
                found.append(item)
    return found


def _expand_one(name: str, root: Path | None) -> Iterator[Named | Unread]:
    if name == STDIN:
        yield Named(STDIN, True)
        return
    path = str(root / name) if root else name
    try:
        os.lstat(path)
        there = True
    except PermissionError:
        yield Unread(path, "no permission to look for it", True)
        return
    except (OSError, ValueError):
        there = False
    if there:
        yield from _walk(path, asked=True)
    elif any(mark in name for mark in "*?["):
        # The root's own name may hold such marks too; only the pattern's count.
        path = str(Path(glob.escape(str(root))) / name) if root else name
        matches = sorted(glob.glob(path, recursive=True), key=_natural)  # noqa: PTH207 (absolute patterns too)
        if not matches:
            yield Unread(path, "no file matches", True)
        for match in matches:
            yield from _walk(match, asked=False)
    else:
        yield Unread(path, "there is no such file", True)


def _walk(
    path: str, asked: bool, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[Named | Unread]:
    """The files in a folder and its folders. `above` are the folders on the way: a link back up ends there."""
    try:
        found = Path(path).stat()
        if stat.S_ISDIR(found.st_mode):
            here = (found.st_dev, found.st_ino)
            if here in above:
                yield Unread(path, "it is a link to a folder that it stands in", False)
            elif _is_store(Path(path).absolute()):
                yield Unread(path, "it is a store of Haechi's own", asked)
            else:
                for child in sorted((entry.path for entry in os.scandir(path)), key=_natural):
                    yield from _walk(child, False, above | {here})
        elif _in_store(path):
            yield Unread(path, "it stands in a store of Haechi's own", asked)
        elif stat.S_ISREG(found.st_mode) or (asked and stat.S_ISFIFO(found.st_mode)):
            if os.access(path, os.R_OK):
                yield Named(path, asked)
            else:
                yield Unread(path, "no permission to read it", asked)
        else:
            yield Unread(path, "it is neither a file nor a folder", asked)
    except OSError as error:
        denied = isinstance(error, PermissionError)
        reason = "no permission to look into it" if denied else os.strerror(error.errno or 0)
        yield Unread(path, reason, True)


def _in_store(path: str) -> bool:
    return any(_is_store(folder) for folder in Path(path).absolute().parents)


def _is_store(folder: Path) -> bool:
    return (folder / "origin").is_file() and (folder / "batches").is_dir()


def printable(path: str) -> str:
    """A file's name as text that can be stored and shown: bytes that are no UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def spooled(stream: Stream, folder: Path) -> PlainStream:
    """A pipe written to a file without a name, so that one can go back in it."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the stream closes it)
    while data := stream.read(CHUNK):
        file.write(data)
    file.seek(0)
    spool = PlainStream(file, growing=False)
    spool.problem = stream.problem
    return spool


def _natural(path: str) -> tuple[object, ...]:
    """Rotated logs oldest first: `access.log.10`, `access.log.2.gz`, `access.log.1`, `access.log`."""
    stem, number = path, 0
    for suffix in (".gz", ".zst"):
        stem = stem.removesuffix(suffix)
    head, _, last = stem.rpartition(".")
    if last.isdigit() and len(last) <= 3:
        stem, number = head, int(last)
    return (stem, -number, path)


class Stream(Protocol):
    """Unpacked bytes in order. `problem` is set once the end is reached and something was wrong."""

    @property
    def problem(self) -> str: ...

    @property
    def growing(
        self,
    ) -> bool: ...  # more may be appended later, so that an unfinished last line may still be finished
    @property
    def once(self) -> bool: ...  # a pipe: what has gone by cannot be read again

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end, and only there."""
        ...

    def seek(self, offset: int) -> bool:
        """Go on at this unpacked offset; False if the stream ends before it."""
        ...

    def close(self) -> None: ...


class PlainStream:
    """A file read as it is."""

    once = False

    def __init__(self, file: BinaryIO, growing: bool = True) -> None:
        self._file = file
        self.growing = growing
        self.problem = ""

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            self.problem = f"it cannot be read to its end: {os.strerror(error.errno or 0)}"
            return b""

    def seek(self, offset: int) -> bool:
        self._file.seek(0, os.SEEK_END)
        enough = self._file.tell() >= offset
        self._file.seek(offset)
        return enough

    def close(self) -> None:
        self._file.close()


class UnpackedStream:
    """Chunks of bytes from a generator, read as a stream: archives, Parquet rows, standard input."""

    growing = False

    def __init__(self, chunks: Callable[[], Iterator[bytes]], once: bool = False) -> None:
        self.problem = ""
        self.once = once
        self._make = chunks
        self._chunks = chunks()
        self._rest = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        parts = [self._rest] if self._rest else []
        have = len(self._rest)
        while have < size:
            try:
                chunk = next(self._chunks, b"")
            except InputError as error:
                self.problem, chunk = error.what, b""
            if not chunk:
                break
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts)
        self._rest = data[size:]
        self._at += min(size, len(data))
        return data[:size]

    def seek(self, offset: int) -> bool:
        if offset < self._at:
            self._chunks, self._rest, self._at = self._make(), b"", 0
        while self._at < offset:
            if not self.read(min(CHUNK, offset - self._at)):
                return False
        return True

    def close(self) -> None:
        self._rest = b""


def open_stream(path: str) -> Stream:
    """Open one file by what its first bytes say it is. `InputError` when it cannot be opened."""
    if path == STDIN:
        return UnpackedStream(_once(sys.stdin.buffer), once=True)
    try:
        file = Path(path).open("rb")  # noqa: SIM115 (the stream closes it)
        magic = file.peek(4)[:4]
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {os.strerror(error.errno or 0)}", where=path) from error
    if magic[:2] == b"\x1f\x8b":
        return UnpackedStream(lambda: _gunzip(Path(path).open("rb")))
    if magic == b"\x28\xb5\x2f\xfd":
        return UnpackedStream(lambda: _unzstd(Path(path).open("rb")))
    if magic == b"PAR1":
        return UnpackedStream(lambda: _parquet(path))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return UnpackedStream(_once(file), once=True)
    return PlainStream(file)


def _once(file: BinaryIO) -> Callable[[], Iterator[bytes]]:
    started = False

    def chunks() -> Iterator[bytes]:
        nonlocal started
        if started:
            raise InputError("a pipe can be read only once")
        started = True
        while chunk := file.read(CHUNK):
            yield chunk

    return chunks


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """All members of a gzip file, and of a damaged one all that stands before the damage (RFC 1952)."""
    with file:
        unpack, begun = zlib.decompressobj(31), False
        while packed := file.read(PACKED):
            while packed:
                if unpack.eof:
                    # Tapes and block devices pad with zeros; gzip itself passes over them too.
                    if not packed.strip(b"\0"):
                        break
                    unpack = zlib.decompressobj(31)
                begun = True
                before = unpack.copy()
                try:
                    yield from _nonempty(unpack.decompress(packed))
                except zlib.error:
                    yield from _up_to_the_damage(before.decompress, packed, zlib.error)
                    raise InputError(_DAMAGED.format("gzip")) from None
                packed = unpack.unused_data
        if begun and not unpack.eof:
            yield from _nonempty(unpack.flush())
            raise InputError(_CUT.format("gzip"))


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    """All frames of a zstd file, and of a damaged one what can be unpacked (RFC 8878)."""
    with file:
        unpack, begun = zstandard.ZstdDecompressor().decompressobj(), False
        while packed := file.read(PACKED):
            while packed:
                if unpack.eof:
                    unpack = zstandard.ZstdDecompressor().decompressobj()
                begun = True
                # In small pieces: what a piece held is lost with it when it turns out to be damaged.
                piece, packed = packed[:PIECE], packed[PIECE:]
                try:
                    yield from _nonempty(unpack.decompress(piece))
                except zstandard.ZstdError:
                    raise InputError(_DAMAGED.format("zstd")) from None
                packed = unpack.unused_data + packed
        if begun and not unpack.eof:
            raise InputError(_CUT.format("zstd"))


def _up_to_the_damage(
    unpack: Callable[[bytes], bytes], packed: bytes, damage: type[Exception]
) -> Iterator[bytes]:
    """What the good bytes before a damaged one unpack to."""
    for at in range(len(packed)):
        try:
            yield from _nonempty(unpack(packed[at : at + 1]))
        except damage:
            return


def _nonempty(data: bytes) -> Iterator[bytes]:
    if data:
        yield data


def _parquet(path: str) -> Iterator[bytes]:
    """The rows of a Parquet file as JSON lines, in file order: registries and people come so."""
    from haechi.store.lending import connect

    try:
        file = pq.ParquetFile(path)
        engine = connect("512MB", threads=1)
        for batch in file.iter_batches(batch_size=65_536):
            engine.register("rows", pa.Table.from_batches([batch]))
            lines = engine.sql("SELECT to_json(rows)::VARCHAR AS line FROM rows").to_arrow_table()["line"]
            out = io.StringIO()
            out.write("\n".join(lines.to_pylist()))
            out.write("\n")
            yield out.getvalue().encode()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"the Parquet file is damaged: {type(error).__name__}") from error
