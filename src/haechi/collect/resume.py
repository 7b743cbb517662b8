"""Know a file again by its content, and read on from where it stood.

Logs are renamed, packed, copied and given twice. A file is known when its head equals the head of a file read before
and the bytes just before the position reached then are still the same; its name and inode say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from haechi.collect.opening import Stream
from haechi.store.catalog import Position

PRINT_BYTES = 4096


@dataclass(frozen=True)
class Start:
    """Where to begin, and what to say about it."""

    stream: str
    begin: int
    lines: int  # lines that are behind `begin`
    head: bytes
    known: Position | None
    note: str = ""


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def find_start(stream: Stream, head: bytes, path: str, known: Sequence[Position]) -> Start:
    """Where to read on. `head` is the first `PRINT_BYTES` of the stream, or all of it when it is shorter."""
    note = ""
    for position in known:
        span = position.file
        if fingerprint(head[: span.head_bytes]) != span.head_sha256 or len(head) < span.head_bytes:
            continue
        state = _compare(stream, position)
        if state == "same":
            elsewhere = "" if span.path == path else f" as {span.path}"
            note = f"read before{elsewhere}: {position.lines:,} lines were already stored"
            return Start(span.stream, span.end, position.lines, head, position, note)
        if state == "shorter":
            note = (
                f"the file is shorter than when {span.path} was read before ({span.end:,} bytes); "
                "what was stored then is kept, and its lines are not stored again"
            )
            return Start(span.stream, -1, position.lines, head, position, note)
        note = f"begins like {span.path}, which was read before, but went on differently: read as a file of its own"
    return Start(_new_name(head, known), 0, 0, head, None, note)


def _compare(stream: Stream, position: Position) -> str:
    span = position.file
    if not stream.seek(span.end - span.tail_bytes):
        return "shorter"
    tail = stream.read(span.tail_bytes)
    if len(tail) < span.tail_bytes:
        return "shorter"
    return "same" if fingerprint(tail) == span.tail_sha256 else "other"


def _new_name(head: bytes, known: Sequence[Position]) -> str:
    base = fingerprint(head)[:16]
    taken = {position.file.stream for position in known}
    number = 0
    while (name := f"{base}-{number}") in taken:
        number += 1
    return name
