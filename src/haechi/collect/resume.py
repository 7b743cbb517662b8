"""Know a file again by its content, and read on from where it stood.

Logs are renamed, packed, copied and given twice. A file is known when its head equals the head of a file read before
and the bytes just before the position reached then are still the same; its name and inode say nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import zstandard

from haechi.collect.peek import PeekedStream
from haechi.model.words import Table
from haechi.store import layout
from haechi.store.catalog import Catalog, Position
from haechi.store.header import BatchHeader

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


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def find_start(
    stream: PeekedStream, head: bytes, path: str, table: Table, catalog: Catalog, root: Path
) -> Start:
    """Where to read on. `head` is the first `PRINT_BYTES` of the stream, or all of it when it is shorter."""
    note = ""
    known = catalog.begins_like(table, head)
    for position in known:
        span = position.file
        state = _compare(stream, position)
        if state == "same":
            elsewhere = "" if span.path == path else f" as {span.path}"
            said = f"read before{elsewhere}: {position.lines:,} lines were already stored"
            return Start(span.stream, span.end, position.lines, head, position, said)
        if state == "shorter" and _is_prefix(stream, catalog.of_stream(table, span.stream), root):
            said = (
                f"the file is shorter than when {span.path} was read before ({span.end:,} bytes): "
                "what was stored then is kept, and the lines that are left are not stored again"
            )
            return Start(span.stream, -1, position.lines, head, position, said)
        note = f"begins like {span.path}, which was read before, but goes on differently: read as a file of its own"
    return Start(
        _new_name(head, {stream for of, stream in catalog.positions if of == table}), 0, 0, head, None, note
    )


def _compare(stream: PeekedStream, position: Position) -> str:
    span = position.file
    if not stream.seek(span.end - span.tail_bytes):
        return "shorter"
    tail = stream.read_full(span.tail_bytes)
    if len(tail) < span.tail_bytes:
        return "shorter"
    return "same" if fingerprint(tail) == span.tail_sha256 else "other"


def _is_prefix(stream: PeekedStream, batches: list[BatchHeader], root: Path) -> bool:
    """Whether every byte that is left of a file that shrank is stored already."""
    stream.seek(0)
    for batch in batches:
        data = stream.read_full(batch.raw_bytes)
        if len(data) < batch.raw_bytes:
            stored = layout.raw_file(root, batch.number).read_bytes()
            return zstandard.ZstdDecompressor().decompress(stored)[: len(data)] == data
        if fingerprint(data) != batch.raw_sha256:
            return False
    return True


def _new_name(head: bytes, taken: set[str]) -> str:
    base = fingerprint(head)[:16]
    number = 0
    while (name := f"{base}-{number}") in taken:
        number += 1
    return name
