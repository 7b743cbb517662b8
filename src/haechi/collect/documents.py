"""Cut JSON documents into events: `{"Records": [...]}`, arrays (pretty-printed or not) and JSON lines.

The text of an event is a slice of the input, never written anew. Needs no state between stretches: what is
consumed ends where an event begins, so that the rest of an array reads like objects with commas between them.
"""

from __future__ import annotations

import re

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from haechi.collect.framing import LONGEST_LINE, SLICE, lines, newline_ends
from haechi.collect.interface import Framed

WRAPPER = re.compile(rb'\{\s*"Records"\s*:\s*\[')
_BETWEEN = re.compile(rb"[\s,\[\]{}\0\xef\xbb\xbf]+")
_LINES_TRIED = 8
_QUOTE, _OPENS, _CLOSES = 1, 2, 3
_MARKS = np.zeros(256, np.uint8)
_MARKS[ord('"')] = _QUOTE
_MARKS[[ord("{"), ord("[")]] = _OPENS
_MARKS[[ord("}"), ord("]")]] = _CLOSES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Span = tuple[int, int]


def events(data: bytes, final: bool) -> Framed:
    """One unit an event. What stands between events and is no JSON punctuation is a unit of its own."""
    if is_json_lines(data):
        return lines(data, final)
    found, whole = _spans(data)
    spans = _with_gaps(data, found, whole if not final else len(data))
    if final and not spans and data:
        spans = [(0, len(data))]
    if not final:
        # The bytes behind an event (`]}`) belong to it, and are known only when the next event begins.
        spans, consumed = spans[:-1], spans[-1][0] if spans else 0
    else:
        consumed = len(data)
    offsets = np.array([0, *(begin for begin, _ in spans[1:]), consumed] if spans else [0], np.int64)
    places = np.array([*(begin for begin, _ in spans), consumed] if spans else [0], np.int64)
    return Framed(
        text=pa.array([_text(data[begin:end]) for begin, end in spans], pa.string()),
        offsets=pa.array(offsets, pa.int64()),
        lines=pa.array(np.searchsorted(newline_ends(data[:consumed]), places, side="right"), pa.int64()),
        consumed=int(offsets[-1]),
    )


def is_json_lines(data: bytes) -> bool:
    """Whether two of the first lines hold a whole JSON object each, with nothing of an array about them."""
    whole = 0
    for line in data[: LONGEST_LINE * 2].split(b"\n", _LINES_TRIED)[:_LINES_TRIED]:
        stripped = line.strip()
        if stripped.startswith((b"[", b"]", b",")) or WRAPPER.match(stripped):
            return False
        try:
            whole += stripped.startswith(b"{") and isinstance(msgspec.json.decode(stripped), dict)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return whole >= 2


def _spans(data: bytes) -> tuple[list[Span], int]:
    """The whole events, and where the first unfinished one begins (the end of the data if there is none)."""
    at, opens, match = _brackets(data)
    place = at.tolist()
    partner = match.tolist()
    found: list[Span] = []
    i = 0
    while i < len(place):
        if not opens[i] or data[place[i]] == ord("["):
            i += 1
        elif WRAPPER.match(data, place[i]):
            i += 2
        elif partner[i] < 0:
            return found, place[i]
        else:
            found.append((place[i], place[partner[i]] + 1))
            i = partner[i] + 1
    return found, len(data)


def _brackets(data: bytes) -> tuple[Ints, Bools, Ints]:
    """Every bracket outside strings: its place, whether it opens, the number of its closing one or -1."""
    # Escapes are blanked first (pairs of backslashes, then escaped quotes): every quote left is a real one.
    plain = data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data
    view = np.frombuffer(plain, np.uint8)
    parts = [np.flatnonzero(_MARKS[view[x : x + SLICE]]) + x for x in range(0, len(view), SLICE)]
    at = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    marks = _MARKS[view[at]]
    outside = (marks != _QUOTE) & (np.cumsum(marks == _QUOTE) & 1 == 0)
    at, step = at[outside], np.where(marks[outside] == _OPENS, 1, -1)
    depth = np.cumsum(step)
    # Depth moves by one, so on each level brackets open and close in turn: a partner is next on its level.
    level = depth + (step < 0)
    order = np.argsort(level, kind="stable")
    first, second = order[:-1], order[1:]
    pairs = (level[first] == level[second]) & (step[first] > 0)
    match = np.full(len(at), -1, np.int64)
    match[first[pairs]] = second[pairs]
    return at, step > 0, match


def _with_gaps(data: bytes, found: list[Span], end: int) -> list[Span]:
    """The events, and between them whatever else stands there."""
    spans: list[Span] = []
    reached = 0
    for begin, stop in [*found, (end, end)]:
        gap = data[reached:begin]
        if _BETWEEN.sub(b"", WRAPPER.sub(b"", gap)):
            spans.append((reached + len(gap) - len(gap.lstrip(b" \t\r\n,]}")), begin))
        if stop > begin:
            spans.append((begin, stop))
        reached = stop
    return spans


def _text(event: bytes) -> str:
    if len(event) > LONGEST_LINE:
        return ""
    return event.replace(b"\0", b"\xef\xbf\xbd").decode("utf-8", "replace")
