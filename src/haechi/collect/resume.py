"""Know a file again by its content, and read on from where it stood.

Logs are renamed, packed, copied and given twice. A file is known when its head equals the head of a file read before
and the bytes just before the position reached then are still the same; its name and inode say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from haechi.collect.peek import PeekedStream
from haechi.model.words import Table
from haechi.store import layout
from haechi.store.catalog import Catalog, Position
from haechi.store.header import BatchHeader
from haechi.store.keys import StoreKeys
from haechi.store.raw_file import RawFile

PRINT_BYTES = 4096


@dataclass(frozen=True)
class Start:
    """Where to begin, and what to say about it. `begin` is -1 where nothing is left to read."""

    stream: str
    begin: int
    lines: int  # lines that are behind `begin`
    head: bytes
    known: Position | None
    note: str = ""


def find_start(
    stream: PeekedStream,
    head: bytes,
    path: str,
    table: Table,
    catalog: Catalog,
    keys: StoreKeys,
    by_lines: bool,
) -> Start:
    """Where to read on. `head` is the first `PRINT_BYTES` of the stream, or all of it when it is shorter.

    `by_lines`: the file can be read from any line on; a document can only be read whole.
    """
    note = ""
    for position in (*catalog.begins_like(table, head, keys.mac), *catalog.begins_longer(table, head)):
        span = position.file
        state = _compare(stream, position, keys)
        if state == "same":
            elsewhere = "" if span.path == path else f" as {span.path}"
            said = f"read before{elsewhere}: {position.lines:,} lines were already stored"
            return Start(span.stream, span.end, position.lines, head, position, said)
        shared, lines = _shared(stream, catalog.of_stream(table, span.stream), keys)
        if state == "shorter" and shared is None:
            said = (
                f"the file is shorter than when {span.path} was read before ({span.end:,} bytes): "
                "what was stored then is kept, and the lines that are left are not stored again"
            )
            return Start(span.stream, -1, position.lines, head, position, said)
        if shared and by_lines:
            note = (
                f"begins with {lines:,} lines of {span.path}, which were stored when it was read before, and goes on "
                "differently: read from there as a file of its own"
            )
            return Start(_new_name(head, catalog, table, keys), shared, lines, head, None, note)
    return Start(_new_name(head, catalog, table, keys), 0, 0, head, None, note)


def _compare(stream: PeekedStream, position: Position, keys: StoreKeys) -> str:
    span = position.file
    if not stream.seek(span.end - span.tail_bytes):
        return "shorter"
    tail = stream.read_full(span.tail_bytes)
    if len(tail) < span.tail_bytes:
        return "shorter"
    return "same" if keys.mac(tail) == span.tail_mac else "other"


def _shared(stream: PeekedStream, batches: list[BatchHeader], keys: StoreKeys) -> tuple[int | None, int]:
    """How far a file is the same as one read before: bytes, cut at a line's end, and lines.

    None for the bytes: all that is left of the file is stored already.
    """
    if not batches or batches[0].file.begin:
        return 0, 0  # what stands before that batch is another file's: that one is compared as well
    stream.seek(0)
    shared = lines = 0
    for batch in batches:
        data = stream.read_full(batch.raw_bytes)
        if len(data) == batch.raw_bytes and keys.mac(data) == batch.raw_mac:
            shared, lines = shared + len(data), lines + batch.line_count
            continue
        stored = _stored(layout.raw_file(keys.root, batch.number), len(data))
        if stored == data:
            return None, lines + data.count(b"\n")
        same = data[: _first_difference(stored, data)]
        end = same.rfind(b"\n") + 1
        return shared + end, lines + same.count(b"\n", 0, end)
    return shared, lines


def _stored(file: Path, most: int) -> bytes:
    """The first bytes of a batch's raw lines; none where they expired."""
    if not file.exists():
        return b""
    return b"".join(data for _, data, _ in RawFile.open(file).stretches())[:most]


def _first_difference(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:  # halving: each step compares at the speed of memory
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _new_name(head: bytes, catalog: Catalog, table: Table, keys: StoreKeys) -> str:
    base = keys.mac(head)[:16]
    number = 0
    while (table, f"{base}-{number}") in catalog.positions:
        number += 1
    return f"{base}-{number}"
