"""Open what the user named: files, folders, globs, standard input; plain, gzip, zstd, Parquet.

Whatever stands behind, a stream gives unpacked bytes in order. A damaged archive gives all it can and then says so.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
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
STDIN = "-"


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
    if os.path.lexists(path):
        yield from _walk(path, asked=True)
    elif any(mark in name for mark in "*?["):
        matches = sorted(glob.glob(path, recursive=True), key=_natural)  # noqa: PTH207 (absolute patterns too)
        if not matches:
            yield Unread(path, "no file matches", True)
        for match in matches:
            yield from _walk(match, asked=False)
    else:
        yield Unread(path, "there is no such file", True)


def _walk(path: str, asked: bool) -> Iterator[Named | Unread]:
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            children = sorted((entry.path for entry in os.scandir(path)), key=_natural)
            for child in children:
                yield from _walk(child, asked=False)
        elif stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
            if os.access(path, os.R_OK):
                yield Named(path, asked)
            else:
                yield Unread(path, "no permission to read it", asked)
        else:
            yield Unread(path, "it is neither a file nor a folder", asked)
    except OSError as error:
        reason = (
            "no permission to look into it"
            if isinstance(error, PermissionError)
            else os.strerror(error.errno or 0)
        )
        yield Unread(path, reason, True)


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

    problem: str
    growing: bool  # more may be appended later, so that an unfinished last line may still be finished

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end, and only there."""
        ...

    def seek(self, offset: int) -> bool:
        """Go on at this unpacked offset; False if the stream ends before it."""
        ...

    def close(self) -> None: ...


class PlainStream:
    """A file read as it is."""

    problem = ""
    growing = True

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size)

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

    def __init__(self, chunks: Callable[[], Iterator[bytes]]) -> None:
        self.problem = ""
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
        return UnpackedStream(_once(sys.stdin.buffer))
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
        return UnpackedStream(_once(file))
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
    """All members of a gzip file, and of a damaged one what can be unpacked (RFC 1952)."""
    with file:
        unpack = zlib.decompressobj(31)
        fresh = True
        while packed := file.read(1 << 20):
            while packed:
                try:
                    yield from _nonempty(unpack.decompress(packed))
                except zlib.error:
                    raise InputError(
                        "the gzip archive is damaged; what stood before the damage was read"
                    ) from None
                fresh = unpack.eof
                packed = unpack.unused_data
                if unpack.eof:
                    unpack = zlib.decompressobj(31)
        if not fresh:
            yield from _nonempty(unpack.flush())
            raise InputError(
                "the gzip archive ends in the middle; what it holds was read, the rest is missing"
            )


def _unzstd(file: BinaryIO) -> Iterator[bytes]:
    with file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
        try:
            while chunk := reader.read(CHUNK):
                yield chunk
        except zstandard.ZstdError:
            raise InputError("the zstd archive is damaged; what stood before the damage was read") from None


def _nonempty(data: bytes) -> Iterator[bytes]:
    if data:
        yield data


def _parquet(path: str) -> Iterator[bytes]:
    """The rows of a Parquet file as JSON lines, in file order: registries and people come so."""
    from haechi.store.duckdb_engine import connect

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
