"""Where lines end up: one file a month, the older ones packed as an archive job would leave them."""

from __future__ import annotations

import gzip
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Protocol

import zstandard


class _Sink(Protocol):
    def write(self, data: memoryview, /) -> int: ...


class MonthlyFiles:
    """Appends to `NAME-YYYY-MM.EXT`. Months come in order. The same input gives the same bytes."""

    def __init__(
        self, folder: Path, name: str, ext: str, *, gz_before: str = "", zst_before: str = ""
    ) -> None:
        """Months before `gz_before` ("2025-03") are gzipped, later ones before `zst_before` are zstd."""
        self._folder, self._name, self._ext = folder, name, ext
        self._gz_before, self._zst_before = gz_before, zst_before
        self._month, self._stack = "", ExitStack()
        self._file: _Sink | None = None

    def write(self, day: date, text: memoryview) -> None:
        month = f"{day:%Y-%m}"
        if self._file is None or month != self._month:
            self.close()
            self._month, self._file = month, self._open(month)
        self._file.write(text)

    def close(self) -> None:
        self._stack.close()
        self._file = None

    def _open(self, month: str) -> _Sink:
        path = self._folder / f"{self._name}-{month}.{self._ext}"
        if month < self._gz_before:
            raw = self._stack.enter_context(path.with_name(path.name + ".gz").open("wb"))
            # No name and no time in the header, so that the same seed gives the same bytes.
            return self._stack.enter_context(
                gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=1, mtime=0)
            )
        if month < self._zst_before:
            raw = self._stack.enter_context(path.with_name(path.name + ".zst").open("wb"))
            return self._stack.enter_context(zstandard.ZstdCompressor(level=1).stream_writer(raw))
        return self._stack.enter_context(path.open("wb"))
