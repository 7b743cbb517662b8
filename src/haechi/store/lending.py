"""DuckDB: starting one, and lending connections of one that the process keeps (docs/decisions/0009-look-ups.md)."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import duckdb

MOST_KEPT: Final = 2  # each holds threads of its own, and what it read last
_KEPT: dict[tuple[str, int, Path | None], duckdb.DuckDBPyConnection] = {}  # the one borrowed last stands last
_LENDING = threading.Lock()

MOST_SEEN: Final = 100_000  # files of which it is known what they were; beyond them one starts anew
_SEEN: dict[str, tuple[int, ...]] = {}


def connect(memory: str = "2GB", threads: int = 0, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB of its own with a memory limit, UTC, and a place to spill; no extension is ever fetched."""
    return _ours(_started(memory, threads, spill))


def borrow(
    memory: str = "2GB", threads: int = 0, spill: Path | None = None, files: Sequence[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB that the process keeps, for who only reads: starting one takes longer than a look-up.

    files: those that will be read. Where one of them is another than when it was read before, a new DuckDB is started.

    What is made in it must be temporary: that is its own, and goes with it. All who borrow the same at once share its
    memory, and fail together where DuckDB itself breaks; who comes next gets a new one. Files' footers are kept: about
    a kilobyte a column and row group, beside the memory that is set.
    """
    asked = (memory, threads, spill)
    now = _identities(files)
    with _LENDING:
        if _replaced(now):
            _KEPT.clear()
        kept = _KEPT.pop(asked, None)
        connection = _lent(kept, spill) if kept else None
        if kept is None or connection is None:
            kept = _started(*asked)
            connection = kept.cursor()
        _KEPT[asked] = kept
        for oldest in list(_KEPT)[:-MOST_KEPT]:
            del _KEPT[oldest]  # not closed: it lives on until the last who borrowed it is done
    connection.execute("SET parquet_metadata_cache = true")  # of this connection alone
    return _ours(connection)


def forget() -> None:
    """Start anew for who borrows next: files that are not named to `borrow` were thrown away and are made again."""
    with _LENDING:
        _KEPT.clear()
        _SEEN.clear()


def _identities(files: Sequence[Path]) -> dict[str, tuple[int, ...]]:
    now: dict[str, tuple[int, ...]] = {}
    for name in map(str, files):
        with suppress(OSError):  # gone since: who reads it will say so
            found = os.stat(name)  # noqa: PTH116 (half the time of a path's own, and a store has thousands)
            now[name] = (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return now


def _replaced(now: dict[str, tuple[int, ...]]) -> bool:
    """Whether a file that was read before is another one now.

    DuckDB takes a kept footer for a file's as long as inode, size and whole second of writing are the same: a file that
    is written over within a second would be read by the footer of the one before it, and rows of it not be found.
    """
    other = any(_SEEN.get(name, what) != what for name, what in now.items())
    if other or len(_SEEN) > MOST_SEEN + len(now):
        _SEEN.clear()
        other = True
    _SEEN.update(now)
    return other


def _lent(kept: duckdb.DuckDBPyConnection, spill: Path | None) -> duckdb.DuckDBPyConnection | None:
    """A connection to what is kept; None where it broke beneath somebody and answers nobody any more."""
    try:
        connection = kept.cursor()
        connection.execute("SELECT 1")
    except duckdb.Error:
        return None
    if spill:  # once it spilled it does not look whether the folder is still there
        with suppress(OSError):
            spill.mkdir(parents=True, exist_ok=True)
    return connection


def _started(memory: str, threads: int, spill: Path | None) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "memory_limit": memory,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": str(spill or ""),  # none: such an engine holds little, and spills nowhere
    }
    if threads:
        config["threads"] = threads
    connection = duckdb.connect(":memory:", config=config)
    # What the system has in memory of files is not kept there twice.
    connection.execute("SET enable_external_file_cache = false")
    return connection


def _ours(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute("SET TimeZone = 'UTC'")
    # It would go to standard output, into the middle of an answer.
    connection.execute("SET enable_progress_bar = false")
    return connection
