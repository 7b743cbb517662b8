"""Records that run over several lines because a quoted value holds newlines (RFC 4180, section 2, rule 6).

A stray quote must not swallow the rest of a file: a record that is not closed within a bound is cut after its
first line, which is then set aside, and reading goes on at the next line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from haechi.collect.framing import SLICE, newline_ends, texts
from haechi.collect.interface import Framed

LONGEST_RECORD = 1000  # lines; a longer one is taken for a stray quote
_QUOTE = 34
_SEPARATORS = np.frombuffer(b",;\t|\n", np.uint8)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def records(data: bytes, final: bool) -> Framed:
    """One unit a CSV record: a quote opens a value only where the value begins."""
    ends = line_ends(data, final)
    quotes = quote_places(data)
    of_line = np.searchsorted(ends, quotes, side="right")
    kept = of_line < len(ends)  # the rest stands in an unfinished last line
    quotes, of_line = quotes[kept], of_line[kept]
    before = np.frombuffer(data, np.uint8)[quotes - 1]
    opening = of_line[np.isin(before, _SEPARATORS) | (quotes == 0)]
    odd = np.bincount(of_line, minlength=len(ends)) & 1 == 1
    can_open = np.zeros(len(ends), np.bool_)
    can_open[opening] = True
    joined, whole = join(odd, can_open & odd, final, LONGEST_RECORD)
    return framed(data, ends, joined, whole)


def line_ends(data: bytes, final: bool) -> Ints:
    """Where each line ends; the last line counts without its newline only when the stream ends there."""
    ends = newline_ends(data)
    if final and len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    return ends


def quote_places(data: bytes) -> Ints:
    """Where the double quotes stand."""
    view = np.frombuffer(data, np.uint8)
    parts = [np.flatnonzero(view[at : at + SLICE] == _QUOTE) + at for at in range(0, len(view), SLICE)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def join(
    odd: Bools, can_open: Bools, final: bool, longest: int, starts: Bools | None = None
) -> tuple[Bools, int]:
    """Which lines go on with the record of the line before them, and how many lines are whole records.

    odd:      lines with an odd number of quotes: they open or close a quoted value
    can_open: odd lines at which a quoted value may begin
    starts:   lines that begin a record for certain, so that an unclosed one before them was cut off
    The loop runs over odd lines alone, which few lines are.
    """
    joined = np.zeros(len(odd), np.bool_)
    turning = np.flatnonzero(odd)
    closings = np.append(turning[1:], len(odd)).tolist()
    known = np.flatnonzero(starts) if starts is not None else np.zeros(0, np.int64)
    begins = np.append(known, len(odd) + 1)
    cuts = begins[np.searchsorted(begins[:-1], turning, side="right")].tolist()
    may_open = can_open[turning].tolist()
    at = 0
    for number, opened in enumerate(turning.tolist()):
        if number < at or not may_open[number]:
            continue
        closed, cut = closings[number], cuts[number]
        if closed == len(odd) and cut > closed and not final and closed - opened <= longest:
            return joined, opened  # its end has not been read yet
        if closed < min(cut, len(odd)) and closed - opened <= longest:
            joined[opened + 1 : closed + 1] = True
            at = number + 2
    return joined, len(odd)


def framed(data: bytes, ends: Ints, joined: Bools, whole: int) -> Framed:
    """The units of the first `whole` lines, where a joined line belongs to the unit of the line before it."""
    last = np.ones(whole, np.bool_)
    last[:-1] = ~joined[1:whole] if whole else last[:-1]
    number = np.flatnonzero(last)
    offsets = np.concatenate((np.zeros(1, np.int64), ends[number]))
    return Framed(
        text=texts(data, offsets),
        offsets=pa.array(offsets, pa.int64()),
        lines=pa.array(np.concatenate((np.zeros(1, np.int64), number + 1)), pa.int64()),
        consumed=int(offsets[-1]),
    )
